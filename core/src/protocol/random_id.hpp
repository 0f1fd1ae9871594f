// A random id: for a connection that brings none, and for the epoch of a log. Any thread.
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "protocol/number_text.hpp"

namespace hubbub {

// 64 random bits in 11 characters: std::string stores these without an allocation.
inline std::string random_id() {
  std::random_device random;
  return number_text((std::uint64_t{random()} << 32) | random());
}

}  // namespace hubbub

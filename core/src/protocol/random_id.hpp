// A name that nobody else has: for a connection that brings no id, and for one life of a log. Any thread.
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "protocol/number_text.hpp"

namespace hubbub {

// 64 random bits in 11 characters: short enough for a string to hold in itself.
inline std::string random_id() {
  std::random_device random;
  return number_text((std::uint64_t{random()} << 32) | random());
}

}  // namespace hubbub

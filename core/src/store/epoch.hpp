// The name of one life of a log. Pure functions but for the randomness.
#pragma once

#include <charconv>
#include <cstdint>
#include <random>
#include <string>

namespace hubbub::store {

inline std::string random_epoch() {
  std::random_device random;
  const auto number = (std::uint64_t{random()} << 32) | random();
  char text[16];
  return {text, std::to_chars(text, text + sizeof text, number, 16).ptr};
}

}  // namespace hubbub::store

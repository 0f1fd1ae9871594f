// A name that nobody else has: for a connection that brings no id, and for one life of a log. Any thread.
#pragma once

#include <charconv>
#include <cstdint>
#include <random>
#include <string>

namespace hubbub {

// Up to 16 hexadecimal digits, of 64 random bits.
inline std::string random_id() {
  std::random_device random;
  const auto number = (std::uint64_t{random()} << 32) | random();
  char text[16];
  return {text, std::to_chars(text, text + sizeof text, number, 16).ptr};
}

}  // namespace hubbub

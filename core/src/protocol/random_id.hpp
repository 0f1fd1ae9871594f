// A name that nobody else has: for a connection that brings no id, and for one life of a log. Any thread.
#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace hubbub {

// 64 random bits in 11 characters of base64url (RFC 4648, 5): short enough for a string to hold in itself.
inline std::string random_id() {
  constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::random_device random;
  auto number = (std::uint64_t{random()} << 32) | random();
  std::string text(11, '\0');
  for (auto& digit : text) {
    digit = digits[number % 64];
    number /= 64;
  }
  return text;
}

}  // namespace hubbub

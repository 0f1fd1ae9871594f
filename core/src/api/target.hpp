// Makes the target of a request readable for a strict parser of URLs. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace hubbub::api {

// Returns `target` with some characters percent-encoded: those that a URL must not contain (RFC 3986), and that browsers send all the same.
inline std::string escaped_target(std::string_view target) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view forbidden = "\"<>[\\]^`{|}";
  std::string result;
  for (const char c : target) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7F && forbidden.find(c) == forbidden.npos) {
      result += c;
    } else {
      result.append("%").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    }
  }
  return result;
}

}  // namespace hubbub::api

// The target of a request, made readable for a strict parser of URLs.
#pragma once

#include <string>
#include <string_view>

namespace hubbub::api {

// `target` with those characters percent-encoded that browsers send as they are but a URL (RFC 3986) does not allow.
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

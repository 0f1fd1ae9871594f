// A 64-bit number as text: 11 characters of base64url (RFC 4648, 5), lowest bits first. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

inline constexpr std::string_view number_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

inline std::string number_text(std::uint64_t number) {
  std::string text(11, '\0');
  for (auto& digit : text) {
    digit = number_digits[number % 64];
    number /= 64;
  }
  return text;
}

// The inverse of number_text(); nothing if `text` is not such a text.
inline std::optional<std::uint64_t> read_number_text(std::string_view text) {
  std::uint64_t number = 0;
  for (std::size_t i = text.size(); i-- > 0;) {
    const auto digit = number_digits.find(text[i]);
    if (digit == number_digits.npos) return {};
    number = number << 6 | digit;
  }
  return number_text(number) == text ? std::optional{number} : std::nullopt;
}

}  // namespace hubbub

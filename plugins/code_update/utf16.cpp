#include "utf16.hpp"

#include <cstdint>

namespace {

constexpr std::uint32_t first_astral = 0x10000;  // the first code point that needs a surrogate pair

std::uint32_t byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

// The number of bytes of a character whose first byte is `lead`.
std::size_t bytes_of(std::uint32_t lead) { return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4; }

}  // namespace

std::u16string to_utf16(std::string_view text) {
  std::u16string units;
  units.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const auto bytes = bytes_of(byte_at(text, at));
    auto code = bytes == 1 ? byte_at(text, at) : byte_at(text, at) & (0x7Fu >> bytes);
    for (std::size_t i = 1; i < bytes; ++i) code = code << 6 | (byte_at(text, at + i) & 0x3F);
    if (code >= first_astral) {
      units += static_cast<char16_t>(0xD800 + ((code - first_astral) >> 10));
      units += static_cast<char16_t>(0xDC00 + ((code - first_astral) & 0x3FF));
    } else {
      units += static_cast<char16_t>(code);
    }
    at += bytes;
  }
  return units;
}

std::string to_utf8(std::u16string_view units) {
  std::string text;
  text.reserve(units.size());
  const auto put = [&text](std::uint32_t byte) { text += static_cast<char>(byte); };
  for (std::size_t at = 0; at < units.size(); ++at) {
    std::uint32_t code = units[at];
    if (is_high_surrogate(units[at])) code = first_astral + ((code & 0x3FF) << 10) + (units[++at] & 0x3FF);
    if (code < 0x80) {
      put(code);
      continue;
    }
    if (code < 0x800) {
      put(0xC0 | code >> 6);
    } else {
      if (code < first_astral) {
        put(0xE0 | code >> 12);
      } else {
        put(0xF0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3F));
      }
      put(0x80 | (code >> 6 & 0x3F));
    }
    put(0x80 | (code & 0x3F));
  }
  return text;
}

std::size_t utf16_size(std::string_view text) {
  std::size_t units = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto bytes = bytes_of(byte_at(text, at));
    units += bytes == 4 ? 2 : 1;
    at += bytes;
  }
  return units;
}

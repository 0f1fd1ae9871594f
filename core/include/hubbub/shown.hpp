// Makes text that a stranger chose safe for a line that people read, in a log or on a terminal. Nothing in the result ends the line,
// begins an escape sequence, is invisible, or changes the direction of the text beside it. Its length is bounded. All other characters
// stay as they are.
//
// Pure functions, for any thread. A plugin that logs should use them for names, ids and texts that came from outside.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hubbub {

// Takes one character (a Unicode scalar value) off the front of `text`, which must not be empty. Returns nothing, and takes nothing,
// if `text` does not begin with valid UTF-8 (RFC 3629).
inline std::optional<char32_t> take_character(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  const std::size_t size = first < 0x80 ? 1 : first >= 0xC2 && first < 0xE0 ? 2 : (first & 0xF0) == 0xE0 ? 3
                           : first >= 0xF0 && first < 0xF5                                           ? 4 : 0;
  if (size == 0 || text.size() < size) return {};
  char32_t character = size == 1 ? first : first & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    character = (character << 6) | (byte(i) & 0x3FU);
  }
  const bool overlong = (size == 3 && character < 0x800) || (size == 4 && character < 0x10000);
  if (overlong || (character >= 0xD800 && character < 0xE000) || character > 0x10FFFF) return {};
  text.remove_prefix(size);
  return character;
}

// C0, DEL, C1, and the line and paragraph separators.
constexpr bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029; }

// Characters that are not seen themselves but change how their neighbours look: direction marks, zero-width characters, tags.
constexpr bool is_invisible(char32_t c) {
  constexpr std::array<std::pair<char32_t, char32_t>, 9> ranges = {{{0xAD, 0xAD}, {0x61C, 0x61C}, {0x180E, 0x180E},
                                                                    {0x200B, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x206F},
                                                                    {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE0FFF}}};
  for (const auto& [first, last] : ranges) {
    if (c >= first && c <= last) return true;
  }
  return false;
}

// `text` with escapes such as \n, \u202e and \xff for unsafe characters, a backslash before each character of `also`, and cut to `most`
// characters. Only for the end of a line: nothing marks where the result ends.
inline std::string escaped(std::string_view text, std::size_t most = 1000, std::string_view also = "\\") {
  std::string out;
  const auto hex = [&out](const char* form, unsigned number) {
    std::array<char, 16> digits{};
    std::snprintf(digits.data(), digits.size(), form, number);
    out += digits.data();
  };
  for (std::size_t count = 0; !text.empty(); ++count) {
    if (count == most) return out += "…";
    const auto before = text;
    const auto character = take_character(text);
    if (!character) {
      hex("\\x%02x", static_cast<std::uint8_t>(text.front()));
      text.remove_prefix(1);
    } else if (*character == '\n' || *character == '\r' || *character == '\t') {
      out += *character == '\n' ? "\\n" : *character == '\r' ? "\\r" : "\\t";
    } else if (is_control(*character) || is_invisible(*character)) {
      hex(*character < 0x10000 ? "\\u%04x" : "\\U%08x", static_cast<unsigned>(*character));
    } else {
      if (*character < 0x80 && also.find(static_cast<char>(*character)) != also.npos) out += '\\';
      out += before.substr(0, before.size() - text.size());
    }
  }
  return out;
}

// The same in quotes, for any place in a line.
inline std::string shown_text(std::string_view text, std::size_t most = 200) {
  return '"' + escaped(text, most, "\\\"") + '"';
}

// The same without quotes if `text` is a plain word, as most names are: only ASCII letters, digits and . _ : / % + ~ @ -
inline std::string shown_name(std::string_view text, std::size_t most = 200) {
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:/%+~@-";
  const bool is_plain = !text.empty() && text.size() <= most && text.find_first_not_of(plain) == text.npos;
  return is_plain ? std::string{text} : shown_text(text, most);
}

}  // namespace hubbub

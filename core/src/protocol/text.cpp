#include "protocol/text.hpp"

#include <hubbub/shown.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace hubbub {
namespace {

constexpr std::size_t longest_name = 64;

// Takes one character off the front of `text`; returns nothing, and leaves `text` as it is, if the front is not valid UTF-8.
std::optional<char32_t> take(std::string_view& text) {
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

struct Range {
  char32_t first, last;
};
bool is_in(std::span<const Range> ranges, char32_t c) {
  return std::ranges::any_of(ranges, [c](const Range& range) { return range.first <= c && c <= range.last; });
}

// Unicode's format characters and others without width, except those that are visible or are handled below.
constexpr std::array<Range, 19> hidden = {{
    {0xAD, 0xAD}, {0x34F, 0x34F}, {0x61C, 0x61C}, {0x115F, 0x1160}, {0x17B4, 0x17B5}, {0x180E, 0x180E}, {0x200B, 0x200B},
    {0x200E, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x206F}, {0x3164, 0x3164}, {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFB},
    {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE001F}, {0xE0080, 0xE00FF}, {0xE01F0, 0xE0FFF},
}};
constexpr std::array<Range, 8> spaces_and_blanks = {{{0x20, 0x20}, {0xA0, 0xA0}, {0x1680, 0x1680}, {0x2000, 0x200A}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x2800, 0x2800}, {0x3000, 0x3000}}};

bool is_joiner(char32_t c) { return c == 0x200C || c == 0x200D; }
bool is_selector(char32_t c) { return (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0x180B && c <= 0x180F) || (c >= 0xE0100 && c <= 0xE01EF); }
bool is_tag(char32_t c) { return c >= 0xE0020 && c <= 0xE007F; }

// Whether the invisible `c` has a meaning behind `before`. Joiners have one in the scripts from Arabic on and between emoji,
// selectors behind digits (for keycaps), symbols and ideographs, tags within flags.
bool belongs_behind(char32_t before, char32_t c) {
  constexpr char32_t black_flag = 0x1F3F4, arabic = 0x600;
  if (is_tag(c)) return before == black_flag || is_tag(before);
  if (is_in(spaces_and_blanks, before) || is_joiner(before)) return false;
  if (is_joiner(c)) return before >= arabic;
  return !is_selector(before) && (before >= 0xA9 || (before >= '0' && before <= '9') || before == '#' || before == '*');
}

}  // namespace

std::optional<std::size_t> characters(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) {
    if (!take(text)) return {};
  }
  return count;
}

bool has_control(std::string_view text) {
  while (!text.empty()) {
    const auto character = take(text);
    if (!character || is_control(*character)) return true;
  }
  return false;
}

std::string valid_text(std::string_view text) {
  std::string valid;
  while (!text.empty()) {
    const auto before = text;
    if (take(text)) {
      valid += before.substr(0, before.size() - text.size());
    } else {
      valid += "\uFFFD";
      text.remove_prefix(1);
    }
  }
  return valid;
}

bool has_hidden(std::string_view text) {
  bool is_seen = false;
  for (char32_t before = ' '; !text.empty();) {
    const auto character = take(text);
    if (!character || is_in(hidden, *character)) return true;
    const bool is_part = is_joiner(*character) || is_selector(*character) || is_tag(*character);
    if (is_part && !belongs_behind(before, *character)) return true;
    is_seen = is_seen || (!is_part && !is_in(spaces_and_blanks, *character));
    before = *character;
  }
  return !is_seen;
}

std::string_view trim(std::string_view text) {
  static constexpr std::array<std::string_view, 26> spaces = {
      " ",      "\t",     "\n",     "\r",     "\v",     "\f",     "\u0085", "\u00A0", "\u1680",
      "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006", "\u2007", "\u2008",
      "\u2009", "\u200A", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000", "\uFEFF"};
  for (bool trimmed = true; trimmed;) {
    trimmed = false;
    for (const auto space : spaces) {
      if (text.starts_with(space)) text.remove_prefix(space.size()), trimmed = true;
      if (text.ends_with(space)) text.remove_suffix(space.size()), trimmed = true;
    }
  }
  return text;
}

bool is_id(std::string_view text) {
  return !text.empty() && text.size() <= longest_name && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == ':' || c == '-';
  });
}

bool is_name(std::string_view text) {
  const auto length = characters(text);
  return length && *length >= 1 && *length <= longest_name && !has_control(text);
}

}  // namespace hubbub

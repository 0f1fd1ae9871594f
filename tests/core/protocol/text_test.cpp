#include "protocol/text.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/protocol/utf8.hpp"

namespace hubbub {
namespace {

using namespace std::string_literals;

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(Characters, are_unicode_scalar_values) {
  const std::vector<std::pair<std::string, std::size_t>> valid = {
      {"", 0},
      {"abc", 3},
      {"a\0b"s, 3},
      {"\x7F", 1},
      {"\xC2\x80", 1},          // U+0080, the first of two bytes
      {"\xDF\xBF", 1},          // U+07FF
      {"\xE0\xA0\x80", 1},      // U+0800, the first of three
      {"\xED\x9F\xBF", 1},      // U+D7FF, before the surrogates
      {"\xEE\x80\x80", 1},      // U+E000, after them
      {"\xEF\xBF\xBF", 1},      // U+FFFF
      {"\xF0\x90\x80\x80", 1},  // U+10000, the first of four
      {"\xF4\x8F\xBF\xBF", 1},  // U+10FFFF, the last
      {"äö🙂", 3},
      {"e\u0301", 2},           // a combining accent counts
      {"👨‍👩‍👧", 5},
  };
  for (const auto& [text, count] : valid) EXPECT_EQ(characters(text), count) << text;
}

TEST(Characters, are_not_counted_in_invalid_utf8) {
  const std::vector<std::string> invalid = {
      "\x80",                              // a continuation without a beginning
      "\xBF",
      "\xC2",                              // cut off
      "\xE0\xA0",
      "\xF0\x90\x80",
      "\xC2x",                             // a beginning without its continuation
      "\xE2\x82x",
      "\xF0\x9F\x99x",
      "\xC0\x80",                          // overlong U+0000
      "\xC1\xBF",
      "\xE0\x80\x80",
      "\xE0\x9F\xBF",                      // overlong U+07FF
      "\xF0\x80\x80\x80",
      "\xF0\x8F\xBF\xBF",                  // overlong U+FFFF
      "\xED\xA0\x80",                      // surrogates, alone and as a pair
      "\xED\xBF\xBF",
      "\xED\xA0\xBD\xED\xB9\x82",
      "\xF4\x90\x80\x80",                  // beyond U+10FFFF
      "\xF5\x80\x80\x80",
      "\xF8\x88\x80\x80\x80",
      "\xFE",
      "\xFF",
  };
  for (const auto& text : invalid) {
    EXPECT_FALSE(characters(text));
    EXPECT_FALSE(characters("good " + text));
    EXPECT_FALSE(characters(text + " good"));
    EXPECT_FALSE(is_name(text));
  }
}

TEST(HasControl, finds_the_characters_that_could_garble_a_line) {
  for (const auto& text : {"\0"s, "\x01"s, "\t"s, "\n"s, "\r"s, "\x1B[31m"s, "\x7F"s, "\u0080"s, "\u009F"s, "\u2028"s, "\u2029"s}) {
    EXPECT_TRUE(has_control("before" + text + "after"));
  }
  for (const auto* text : {"", " ", "~", "\u00A0", "\u2027", "\u202A", "äö🙂"}) EXPECT_FALSE(has_control(text)) << text;
}

TEST(ValidText, replaces_each_invalid_byte) {
  for (const auto* text : {"", "abc", "äö🙂", "\x7F"}) EXPECT_EQ(valid_text(text), text);
  EXPECT_EQ(valid_text("\0"s), "\0"s);
  EXPECT_EQ(valid_text("a\xFFz"), "a\uFFFDz");
  EXPECT_EQ(valid_text("\xC3"), "\uFFFD");
  EXPECT_EQ(valid_text("\xE2\x82x\xC3\xA4"), "\uFFFD\uFFFDxä");
  EXPECT_EQ(valid_text("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");
}

TEST(Trim, takes_white_space_off_both_ends_and_leaves_it_inside) {
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("John"), "John");
  EXPECT_EQ(trim(" \t\r\n\v\f"), "");
  EXPECT_EQ(trim("  John  Doe \n"), "John  Doe");
  EXPECT_EQ(trim(" \u00A0\u3000 \uFEFF"), "");
}

TEST(Trim, knows_the_white_space_of_unicode) {
  for (const auto* space : {"\u0085", "\u00A0", "\u1680", "\u2000", "\u2001", "\u2003", "\u2009", "\u200A", "\u2028", "\u2029",
                            "\u202F", "\u205F", "\u3000", "\uFEFF"}) {
    EXPECT_EQ(trim(space + "a"s + space + "b" + space + space), "a"s + space + "b") << space;
    for (const auto* other : {" ", "\t", "\u0085", "\uFEFF"}) {
      EXPECT_EQ(trim("a"s + space + other), "a") << space << other;
      EXPECT_EQ(trim(other + ""s + space + "a"), "a") << space << other;
    }
  }
}

TEST(IsId, allows_only_characters_that_never_need_escaping) {
  for (const auto* id : {"a", "Z", "0", ".", "_", ":", "-", "user:42", "a.b-c_d"}) EXPECT_TRUE(is_id(id)) << id;
  for (const auto* id : {"", " ", "a b", "a/b", "a,b", "ä", "a\n", "a%20", "<", "\""}) EXPECT_FALSE(is_id(id)) << id;
  EXPECT_FALSE(is_id("a\0"s));
  EXPECT_TRUE(is_id(std::string(64, 'x')));
  EXPECT_FALSE(is_id(std::string(65, 'x')));
}

TEST(IsName, has_1_to_64_characters_whatever_their_bytes) {
  EXPECT_FALSE(is_name(""));
  for (const auto* character : {"x", "ä", "漢", "🙂"}) {
    EXPECT_TRUE(is_name(character));
    EXPECT_TRUE(is_name(repeated(character, 64))) << character;
    EXPECT_FALSE(is_name(repeated(character, 65))) << character;
  }
  EXPECT_TRUE(is_name("John \"Johnny\" Doe </script>"));
  EXPECT_FALSE(is_name("John\nDoe"));
}

// Unicode's default ignorable characters, invisible format characters and blank characters: each of them is found,
// and no others.
TEST(HasHidden, finds_each_invisible_character_after_a_letter_and_text_that_is_only_blank) {
  using Ranges = std::vector<std::pair<char32_t, char32_t>>;
  const Ranges unseen = {{0xAD, 0xAD}, {0x34F, 0x34F}, {0x61C, 0x61C}, {0x115F, 0x1160}, {0x17B4, 0x17B5}, {0x180B, 0x180F},
                         {0x200B, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x206F}, {0x3164, 0x3164}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF},
                         {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}};
  const Ranges blank = {{0x20, 0x20}, {0xA0, 0xA0}, {0x1680, 0x1680}, {0x2000, 0x200A}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x2800, 0x2800}, {0x3000, 0x3000}};
  const auto is_in = [](const Ranges& ranges, char32_t c) {
    return std::ranges::any_of(ranges, [c](const auto& range) { return range.first <= c && c <= range.second; });
  };
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c == 0xD800) c = 0xE000;
    const auto text = utf8(c);
    const bool is_unseen = is_in(unseen, c);
    ASSERT_EQ(has_hidden("Ann" + text), is_unseen) << static_cast<unsigned>(c);
    ASSERT_EQ(has_hidden("Ann" + text + "a"), is_unseen) << static_cast<unsigned>(c);
    ASSERT_EQ(has_hidden(text), is_unseen || is_in(blank, c)) << static_cast<unsigned>(c);
    ASSERT_EQ(has_hidden(text + text + "a"), is_unseen) << static_cast<unsigned>(c);
  }
}

TEST(HasHidden, finds_invisible_characters_except_where_they_are_needed) {
  for (const auto* text : {"John", "Łukasz", "محمد‌", "👨‍👩‍👧", "❤️", "0️⃣", "1️⃣", "9️⃣", "#️⃣", "*️⃣", "葛󠄀", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "a b"}) EXPECT_FALSE(has_hidden(text)) << text;
  const std::pair<const char*, std::string> hidden[] = {
      {"nothing", ""},
      {"blanks", " \u00A0\u3000"},
      {"a joiner alone", "\u200D"},
      {"a soft hyphen", "Jo\u00ADhn"},
      {"a space without width", "Jo\u200Bhn"},
      {"a turn of direction", "John\u202E"},
      {"a joiner between letters that do not join", "Jo\u200Dhn"},
      {"a joiner behind a blank", "John \u200D"},
      {"two joiners", "👨\u200D\u200D👩"},
      {"a selector behind a letter", "John\uFE0F"},
      {"two selectors", "❤\uFE0F\uFE0F"},
      {"a tag behind a letter", "John\U000E0067"},
      {"a tag behind an emoji that is no flag", "👨\U000E0067"},
      {"a byte order mark", "\uFEFFJohn"},
  };
  for (const auto& [what, text] : hidden) EXPECT_TRUE(has_hidden(text)) << what;
}

}  // namespace
}  // namespace hubbub

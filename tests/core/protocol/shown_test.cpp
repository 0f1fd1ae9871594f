#include <gtest/gtest.h>

#include <hubbub/shown.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/protocol/utf8.hpp"

namespace hubbub {
namespace {

using namespace std::string_literals;

TEST(ShownName, is_unchanged_if_it_is_a_plain_word) {
  for (const auto* name : {"general", "Room_7", "a.b:c-d", "/static/lib/hubbub.js", "/a%20b"}) EXPECT_EQ(shown_name(name), name);
}

TEST(ShownName, is_quoted_if_it_could_be_taken_for_something_else) {
  EXPECT_EQ(shown_name(""), "\"\"");
  EXPECT_EQ(shown_name("two words"), "\"two words\"");
  EXPECT_EQ(shown_name("[error] room=x"), "\"[error] room=x\"");
  EXPECT_EQ(shown_name("say \"hi\" \\"), R"("say \"hi\" \\")");
  EXPECT_EQ(shown_name("café 🌸"), "\"café 🌸\"");
  EXPECT_EQ(shown_name("Ģ Ŝ Ȣ ɜ ∢ 尢"), "\"Ģ Ŝ Ȣ ɜ ∢ 尢\"") << "whose numbers end like those of a quote or a backslash";
}

TEST(ShownText, contains_no_line_ends_direction_marks_or_invisible_characters) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"a\nb\rc\td", R"("a\nb\rc\td")"},
      {"\x1b[31m\0\x7f"s, R"("\u001b[31m\u0000\u007f")"},
      {"\u0085\u009b\u2028\u2029", R"("\u0085\u009b\u2028\u2029")"},
      {"\u202Aa\u202E \u2066b\u2069 \u200E\u200F\u061C", R"("\u202aa\u202e \u2066b\u2069 \u200e\u200f\u061c")"},
      {"\u200B\u00AD\uFEFF\U000E0041", R"("\u200b\u00ad\ufeff\U000e0041")"},
      {"\xff\xc3\xa9\xc3(\xed\xa0\x80", "\"\\xffé\\xc3(\\xed\\xa0\\x80\""},
  };
  for (const auto& [text, shown] : cases) EXPECT_EQ(shown_text(text), shown);
}

TEST(ShownName, is_unchanged_up_to_a_maximum_length) {
  const std::string plain = "ABCXYZabcxyz0189._:/%+~@-";
  EXPECT_EQ(shown_name(plain), plain);
  EXPECT_EQ(shown_name(plain, plain.size()), plain);
  EXPECT_EQ(shown_name(plain, plain.size() - 1), '"' + plain.substr(0, plain.size() - 1) + "…\"");
  EXPECT_EQ(shown_name(std::string(200, 'x')), std::string(200, 'x'));
  EXPECT_EQ(shown_name(std::string(201, 'x')), '"' + std::string(200, 'x') + "…\"");
  for (const char c : std::string_view{" !\"#$&'()*,;<=>?[\\]^`{|}"}) EXPECT_NE(shown_name(std::string{"a"} + c), std::string{"a"} + c) << c;
}

// Both ends of each range, and one step outside.
TEST(Shown, finds_exactly_the_invisible_and_control_characters) {
  const std::pair<char32_t, char32_t> hidden[] = {{0xAD, 0xAD}, {0x61C, 0x61C}, {0x180E, 0x180E}, {0x200B, 0x200F}, {0x202A, 0x202E},
                                                  {0x2060, 0x206F}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE0FFF}};
  for (const auto& [first, last] : hidden) {
    EXPECT_TRUE(is_invisible(first) && is_invisible(last)) << static_cast<unsigned>(first);
    EXPECT_FALSE(is_invisible(first - 1) || is_invisible(last + 1)) << static_cast<unsigned>(first);
  }
  const std::pair<char32_t, char32_t> controls[] = {{0, 0x1F}, {0x7F, 0x9F}, {0x2028, 0x2029}};
  for (const auto& [first, last] : controls) {
    EXPECT_TRUE(is_control(first) && is_control(last)) << static_cast<unsigned>(first);
    EXPECT_FALSE(is_control(last + 1) || (first != 0 && is_control(first - 1))) << static_cast<unsigned>(first);
  }
}

TEST(TakeCharacter, takes_every_valid_character_and_no_invalid_bytes) {
  for (char32_t c = 0; c < 0x111000; ++c) {
    const auto text = utf8(c) + "x";
    std::string_view rest = text;
    const bool is_one = c < 0x110000 && (c < 0xD800 || c >= 0xE000);
    ASSERT_TRUE(take_character(rest) == (is_one ? std::optional{c} : std::nullopt)) << static_cast<unsigned>(c);
    ASSERT_EQ(rest, is_one ? "x" : std::string_view{text}) << static_cast<unsigned>(c);
  }
  for (const std::string none : {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2x", "\xE0\x9F\xBF", "\xE2\x82", "\xE2\x82x", "\xF0\x8F\xBF\xBF", "\xF0\x90\x80",
                                 "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    std::string_view rest = none;
    EXPECT_FALSE(take_character(rest));
    EXPECT_EQ(rest, none) << "nothing is taken";
  }
}

TEST(ShownText, has_a_maximum_length_in_characters) {
  EXPECT_EQ(shown_text("ééééé", 3), "\"ééé…\"");
  EXPECT_EQ(shown_text("ééé", 3), "\"ééé\"");
  EXPECT_EQ(escaped(std::string(5000, 'x')), std::string(1000, 'x') + "…");
  EXPECT_EQ(escaped(std::string(1000, 'x')), std::string(1000, 'x'));
  EXPECT_EQ(shown_text(std::string(200, 'x')), '"' + std::string(200, 'x') + '"');
  EXPECT_EQ(shown_text(std::string(201, 'x')), '"' + std::string(200, 'x') + "…\"");
  EXPECT_EQ(escaped("\n\n\n", 2), "\\n\\n…") << "what is written longer counts once";
}

TEST(Escaped, puts_a_backslash_before_the_given_characters) {
  EXPECT_EQ(escaped("a=b;c", 10, "=;"), "a\\=b\\;c");
  EXPECT_EQ(escaped("a\\b", 10, ""), "a\\b");
}

TEST(Escaped, leaves_quotes_as_they_are) { EXPECT_EQ(escaped("\"a\" \\ b\n"), "\"a\" \\\\ b\\n"); }

}  // namespace
}  // namespace hubbub

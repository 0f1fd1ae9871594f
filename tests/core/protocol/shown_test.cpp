#include <gtest/gtest.h>

#include <hubbub/shown.hpp>
#include <string>
#include <vector>

namespace hubbub {
namespace {

using namespace std::string_literals;

TEST(ShownName, is_as_it_stands_if_it_is_a_plain_word) {
  for (const auto* name : {"general", "Room_7", "a.b:c-d", "/static/lib/hubbub.js", "/a%20b"}) EXPECT_EQ(shown_name(name), name);
}

TEST(ShownName, stands_in_quotes_if_it_could_be_taken_for_something_else) {
  EXPECT_EQ(shown_name(""), "\"\"");
  EXPECT_EQ(shown_name("two words"), "\"two words\"");
  EXPECT_EQ(shown_name("[error] room=x"), "\"[error] room=x\"");
  EXPECT_EQ(shown_name("say \"hi\" \\"), R"("say \"hi\" \\")");
  EXPECT_EQ(shown_name("café 🌸"), "\"café 🌸\"");
}

TEST(ShownText, holds_nothing_that_ends_the_line_or_turns_its_direction_or_hides) {
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

TEST(ShownText, has_a_bound_in_characters) {
  EXPECT_EQ(shown_text("ééééé", 3), "\"ééé…\"");
  EXPECT_EQ(shown_text("ééé", 3), "\"ééé\"");
  EXPECT_EQ(escaped(std::string(5000, 'x')), std::string(1000, 'x') + "…");
}

TEST(Escaped, leaves_quotes_as_they_are) { EXPECT_EQ(escaped("\"a\" \\ b\n"), "\"a\" \\\\ b\\n"); }

}  // namespace
}  // namespace hubbub

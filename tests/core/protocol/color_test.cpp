// The SDK's colours: every colour that fits the schema becomes a valid CSS colour of the same value.
#include <gtest/gtest.h>

#include <hubbub/color.hpp>
#include <regex>
#include <string>

namespace hubbub {
namespace {

TEST(Color, of_any_accepted_length_becomes_a_css_colour_of_the_same_value) {
  const std::regex pattern{color_schema()["pattern"].get<std::string>()}, css{"#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})"};
  const std::string digits = "9aB0cD1eF";
  for (std::size_t count = 0; count <= digits.size(); ++count) {
    const auto color = "#" + digits.substr(0, count);
    const bool is_taken = count >= 1 && count <= 8 && count != 7;
    ASSERT_EQ(std::regex_match(color, pattern), is_taken) << color;
    if (!is_taken) continue;
    const auto settled = css_color(color);
    EXPECT_TRUE(std::regex_match(settled, css)) << settled;
    const bool is_short_of_zeros = count <= 2 || count == 5;
    EXPECT_EQ(settled, is_short_of_zeros ? "#" + std::string(6 - count, '0') + color.substr(1) : color);
  }
  for (const auto* color : {"f00", "#g00", "#f0 ", " #f00", "##f0", "#f00\n"}) EXPECT_FALSE(std::regex_match(color, pattern)) << color;
}

TEST(Color, is_normalized_in_place_and_nothing_else_changes) {
  nlohmann::json content = {{"color", "#7"}, {"colour", "#7"}};
  settle_color(content);
  EXPECT_EQ(content, (nlohmann::json{{"color", "#000007"}, {"colour", "#7"}}));
  content = nlohmann::json::object();
  settle_color(content);
  EXPECT_TRUE(content.empty());
}

}  // namespace
}  // namespace hubbub

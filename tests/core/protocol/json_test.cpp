#include "protocol/json.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "plugins/random_json.hpp"

namespace hubbub {
namespace {

using namespace std::string_view_literals;

std::string nested(std::size_t depth, char open, char close) {
  std::string text(depth, open);
  if (open == '{') {
    text.clear();
    for (std::size_t i = 0; i < depth; ++i) text += i + 1 == depth ? "{" : R"({"a":)";
  }
  return text + std::string(depth, close);
}

TEST(ParseJson, accepts_the_allowed_depth_and_refuses_one_level_more) {
  for (const std::size_t depth : {1U, 2U, 32U, 128U}) {
    for (const auto& [open, close] : {std::pair{'[', ']'}, std::pair{'{', '}'}}) {
      EXPECT_TRUE(parse_json(nested(depth, open, close), depth)) << depth << open;
      EXPECT_FALSE(parse_json(nested(depth + 1, open, close), depth)) << depth << open;
    }
  }
  EXPECT_TRUE(parse_json("1", 0));
  EXPECT_FALSE(parse_json("[]", 0));
  const std::string escaped = R"("\u00e4")";  // texts with an escape take another parser
  EXPECT_TRUE(parse_json("[[" + escaped + "]]", 2));
  EXPECT_FALSE(parse_json("[[[" + escaped + "]]]", 2));
  EXPECT_TRUE(parse_json(R"(["\u00e4 \" [[[[ {{{{ \\"])", 1)) << "brackets in text are no levels";
}

TEST(ParseJson, counts_depth_not_brackets) {
  EXPECT_TRUE(parse_json(R"([[],[],{},[[]],{"a":[]}])", 3));
  EXPECT_FALSE(parse_json(R"([[],[],{},[[[]]]])", 3));
}

TEST(ParseJson, does_not_count_brackets_inside_strings) {
  for (const auto* text : {R"("[[[[{{{{")", R"(["\"[[[["])", R"(["\\", "]"])", R"({"[[[[":"{{{{"})", R"(["\\\"[[[["])"}) {
    EXPECT_TRUE(parse_json(text, 1)) << text;
  }
  EXPECT_FALSE(parse_json(R"(["\\",[]])", 1)) << "an escaped backslash does not escape the quote after it";
}

TEST(ParseJson, survives_any_depth) {
  const std::string deep(10'000'000, '[');
  EXPECT_FALSE(parse_json(deep, 32));
  std::string objects;
  for (int i = 0; i < 1'000'000; ++i) objects += R"({"a":)";
  EXPECT_FALSE(parse_json(objects, 128));
  EXPECT_FALSE(parse_json(std::string(1'000'000, ']'), 32));
}

TEST(ParseJson, takes_large_flat_input) {
  const std::string long_string(8'000'000, 'x');
  EXPECT_EQ(parse_json('"' + long_string + '"', 0)->get_ref<const std::string&>().size(), long_string.size());
  std::string wide = "[0";
  for (int i = 0; i < 1'000'000; ++i) wide += ",0";
  EXPECT_EQ(parse_json(wide + "]", 1)->size(), 1'000'001U);
}

TEST(ParseJson, accepts_valid_json) {
  for (const auto* text :
       {"null", "true", " 1 ", "-0", "1e308", "0.5E-3", "18446744073709551615", "123456789012345678901234567890",
        R"("")", R"("\u0000")", R"("\ud83d\ude42")", "\"\xF0\x9F\x99\x82\"", "[]", "{}", R"({"a":1,"a":2})", "\t\n\r []"}) {
    EXPECT_TRUE(parse_json(text, 8)) << text;
  }
}

TEST(ParseJson, refuses_invalid_json) {
  for (const auto* text :
       {"", " ", "{", "}", "[1,]", "{\"a\"}", "{a:1}", "'a'", "nul", "NaN", "Infinity", "-Infinity", "01", "+1", ".5", "1.",
        "0x10", "1 2", "[] []", "// comment\n1", "/**/1", "\"a", "\"\t\"", "\"\n\"", R"("\x41")", R"("\u12")"}) {
    EXPECT_FALSE(parse_json(text, 8)) << text;
  }
  EXPECT_FALSE(parse_json(std::string_view{"1\0", 2}, 8));
}

TEST(ParseJson, refuses_numbers_that_are_not_finite) {
  for (const auto* text : {"1e999", "-1e999", "[1e309]", R"({"x":123e4567})"}) EXPECT_FALSE(parse_json(text, 8)) << text;
}

TEST(ParseJson, refuses_strings_that_are_not_utf8) {
  for (const auto* text : {R"("\ud800")", R"("\udc00")", R"("\ud800\ud800")", R"("\ud800x")", R"({"\udfff":1})", "\"\xFF\"",
                           "\"\xC0\x80\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"", "\"\xE2\x82\""}) {
    EXPECT_FALSE(parse_json(text, 8)) << text;
  }
}

// Whether both are equal, including the type of every number.
bool same(const Json& one, const Json& other) {
  if (one.type() != other.type()) return false;
  if (one.is_object() || one.is_array()) {
    return one.size() == other.size() && std::equal(one.begin(), one.end(), other.begin(), same) && one == other;
  }
  return one == other;
}

TEST(ParseJson, gives_the_same_value_as_nlohmann_json) {
  for (const auto* text :
       {"0", "-1", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551616",
        "-9223372036854775809", "1.0", "-0.0", "0.1", "1e2", "5e-324", "1.7976931348623157e308", "true", "false", "null",
        R"("a\"\\\/\b\f\n\r\t\u00e4🙂")", R"({"b":[1,-2,{"c":"d"},[]],"a":{},"a":3,"":null})", "[[[]],[1],{}]"}) {
    EXPECT_TRUE(same(parse_json(text, 8).value(), Json::parse(text))) << text;
  }
  testing::RandomJson random{1};
  for (int i = 0; i < 2000; ++i) {
    const auto text = random.any(4).dump();
    EXPECT_TRUE(same(parse_json(text, 8).value(), Json::parse(text))) << text;
  }
}

TEST(JsonText, quotes_and_escapes) {
  EXPECT_EQ(json_text(""), R"("")");
  EXPECT_EQ(json_text("a\"b\\c\n\x01"), R"("a\"b\\c\n\u0001")");
  EXPECT_EQ(json_text("äö🙂"), R"("äö🙂")");
  // Characters that must be escaped, at every place of a longer text and next to any other.
  for (const auto special : {"\""sv, "\\"sv, "\n"sv, "\x1f"sv, "\0"sv, " "sv, "!"sv, "#"sv, "["sv, "]"sv, "\x7f"sv, "ä"sv, "🙂"sv}) {
    for (std::size_t before = 0; before < 20; ++before) {
      for (const char* around : {"x", " ", "!", "ä"}) {
        std::string text;
        for (std::size_t i = 0; i < before; ++i) text += around;
        text += special;
        for (std::size_t i = 0; i < 10; ++i) text += around;
        EXPECT_EQ(json_text(text), Json(text).dump());
      }
    }
  }
  EXPECT_THROW(json_text("\xFF"), std::runtime_error);
}

std::string written(const Json& json) {
  std::string text;
  append_json(text, json);
  return text;
}

TEST(AppendJson, writes_text_that_parses_to_the_same_value) {
  const double numbers[] = {0.0, -0.0, 1.0, -1.5, 0.1, 1e14, 1e15, 1e22, 1e-4, 1e-5, 1e-6, 123456789012345.6, 5e-324, 2.2250738585072014e-308,
                            1.7976931348623157e308, 1.0 / 3, 9007199254740993.0, 18446744073709551616.0};
  for (const auto number : numbers) {
    const auto text = written(number);
    for (const auto& read : {Json::parse(text), *parse_json(text, 8)}) {
      ASSERT_TRUE(read.is_number_float()) << text;
      EXPECT_EQ(read.get<double>(), number) << text;
      EXPECT_EQ(std::signbit(read.get<double>()), std::signbit(number)) << text;
    }
  }
  testing::RandomJson random{1};
  for (int i = 0; i < 2000; ++i) {
    auto json = random.any(4);
    const auto text = written(json);
    as_read(json);
    EXPECT_TRUE(same(Json::parse(text), json)) << text;
    EXPECT_TRUE(same(*parse_json(text, 8), json)) << text;
  }
  Json whole = {0, 1, -1, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(),
                std::numeric_limits<std::uint64_t>::max()};
  EXPECT_EQ(written(whole), "[0,1,-1,-9223372036854775808,9223372036854775807,18446744073709551615]");
  as_read(whole);
  EXPECT_TRUE(same(Json::parse(written(whole)), whole));
}

TEST(AppendJson, writes_numbers_in_the_shortest_form_that_reads_back) {
  EXPECT_EQ(written(Json{100000.0, 0.25, -3.0, 1e300, 1e-9}), "[100000.0,0.25,-3.0,1e+300,1e-09]");
}

TEST(AppendJson, writes_a_thousand_levels_and_no_more) {
  for (const bool of_objects : {false, true}) {
    Json value = 1;
    for (int i = 0; i < 1000; ++i) value = of_objects ? Json{{"a", std::move(value)}} : Json::array({std::move(value)});
    EXPECT_EQ(written(value).size(), of_objects ? 1000 * 6 + 1U : 2001U);
    value = of_objects ? Json{{"a", std::move(value)}} : Json::array({std::move(value)});
    EXPECT_THROW(written(value), std::runtime_error);
  }
}

TEST(AppendJson, adds_to_what_is_there) {
  std::string text = "before ";
  append_json(text, {{"a", "ä\n"}});
  append_json_text(text, "\"");
  EXPECT_EQ(text, R"(before {"a":"ä\n"}"\"")");
}

TEST(AppendJson, refuses_values_that_json_cannot_represent_and_names_the_place) {
  const auto refusal = [](const Json& json) -> std::string {
    try {
      return "it was taken: " + written(json);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  };
  const auto cannot = [](const std::string& what) { return "cannot be written as JSON: " + what; };
  constexpr auto infinite = std::numeric_limits<double>::infinity();
  EXPECT_EQ(refusal(std::nan("")), cannot("a number that is not finite"));
  EXPECT_EQ(refusal({{"points", {1, 2, infinite}}}), cannot("a number that is not finite at /points/2"));
  EXPECT_EQ(refusal(Json{{"a", -infinite}}), cannot("a number that is not finite at /a"));
  EXPECT_EQ(refusal(Json::array({Json::binary({1, 2})})), cannot("binary data at /0"));
  EXPECT_EQ(refusal(Json::array({Json(Json::value_t::discarded)})), cannot("a value that was discarded at /0"));
  EXPECT_EQ(refusal({{"name", "caf\xC3"}}), cannot("text that is not UTF-8 at /name"));
  EXPECT_EQ(refusal({{"caf\xC3", 1}}), cannot("text that is not UTF-8 at /caf\uFFFD"));
  Json deep;
  for (int i = 0; i < 100'000; ++i) deep = Json::array({std::move(deep)});
  EXPECT_EQ(refusal(deep), cannot("more than 1000 levels"));
}

}  // namespace
}  // namespace hubbub

// What somebody is told whose message does not fit its schema, and which schemas a plugin may declare.
#include "plugins/schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace hubbub::plugins {
namespace {

using namespace std::string_literals;

struct Refusal {
  const char* schema;
  const char* content;
  const char* words;  // "" where it fits
};

// clang-format off
const std::vector<Refusal> refusals = {
    {R"({"type": "string"})", "1", "content: must be a string"},
    {R"({"type": "string", "minLength": 2, "maxLength": 3})", "1", "content: must be a string"},
    {R"({"type": "string", "minLength": 2, "maxLength": 3})", R"("a")", "content: must be at least 2 characters long"},
    {R"({"type": "string", "minLength": 2, "maxLength": 3})", R"("🌸")", "content: must be at least 2 characters long"},
    {R"({"type": "string", "minLength": 2, "maxLength": 3})", R"("ab")", ""},
    {R"({"type": "string", "minLength": 2, "maxLength": 3})", R"("🌸🌸🌸")", ""},
    {R"({"type": "string", "minLength": 2, "maxLength": 3})", R"("abcd")", "content: must be at most 3 characters long"},
    {R"({"type": "string", "minLength": 2})", R"("é")", "content: must be at least 2 characters long"},
    {R"({"type": "string", "minLength": 2})", R"("€")", "content: must be at least 2 characters long"},
    {R"({"type": "string", "minLength": 2})", R"("🌸")", "content: must be at least 2 characters long"},
    {R"({"type": "string", "minLength": 2})", R"("éé")", ""},
    {R"({"type": "string", "minLength": 2})", R"("🌸🌸")", ""},
    {R"({"type": "string", "minLength": 3})", R"("🌸🌸")", "content: must be at least 3 characters long"},
    {R"({"type": "string", "minLength": 1})", R"("é")", ""},
    {R"({"type": "string", "minLength": 1})", R"("")", "content: must not be empty"},
    {R"({"type": "string", "maxLength": 2})", R"("éé")", ""},
    {R"({"type": "string", "maxLength": 2})", R"("ab")", ""},
    {R"({"type": "string", "maxLength": 2})", R"("ééé")", "content: must be at most 2 characters long"},
    {R"({"type": "string", "maxLength": 0})", R"("")", ""},
    {R"({"type": "string", "title": "t", "description": "d", "examples": ["e"], "maxLength": 1})", "1", "content: must be a string"},
    {R"({"type": "string", "maxLength": 9, "enum": ["a"]})", R"("b")", R"(content: must be one of "a")"},
    {R"({"type": "string", "maxLength": 9, "pattern": "^a$"})", R"("b")", R"(content: must match "^a$")"},
    {R"({"type": "integer"})", "1.5", "content: must be a whole number"},
    {R"({"type": "number"})", R"("1")", "content: must be a number"},
    {R"({"type": "boolean"})", "0", "content: must be a boolean"},
    {R"({"type": "array"})", "{}", "content: must be an array"},
    {R"({"type": "object"})", "[]", "content: must be an object"},
    {R"({"type": "null"})", "1", "content: must be left out"},
    {R"({"type": ["string", "number"]})", "true", "content: must be a string or a number"},
    {R"({"maximum": 10})", "11", "content: must be at most 10"},
    {R"({"maximum": 0.5})", "0.6", "content: must be at most 0.5"},
    {R"({"exclusiveMaximum": 10})", "10", "content: must be less than 10"},
    {R"({"minimum": 1})", "0", "content: must be at least 1"},
    {R"({"exclusiveMinimum": 0})", "0", "content: must be more than 0"},
    {R"({"minimum": 1, "maximum": 10})", "11", "content: must be at most 10"},
    {R"({"exclusiveMinimum": 1, "minimum": 1, "exclusiveMaximum": 5, "maximum": 3})", "1", "content: must be more than 1"},
    {R"({"multipleOf": 5})", "7", "content: must be a multiple of 5"},
    {R"({"minLength": 1})", R"("")", "content: must not be empty"},
    {R"({"minLength": 2})", R"("a")", "content: must be at least 2 characters long"},
    {R"({"maxLength": 1})", R"("ab")", "content: must be at most 1 character long"},
    {R"({"maxLength": 2})", R"("🌸🌸")", ""},
    {R"({"minItems": 1, "maxItems": 2})", "[]", "content: must have at least 1 entry"},
    {R"({"minItems": 1, "maxItems": 2})", "[1, 2, 3]", "content: must have at most 2 entries"},
    {R"({"minProperties": 1, "maxProperties": 2})", "{}", "content: must have at least 1 field"},
    {R"({"minProperties": 1, "maxProperties": 2})", R"({"a": 1, "b": 2, "c": 3})", "content: must have at most 2 fields"},
    {R"({"minLength": 2, "minItems": 2, "minProperties": 2})", "[1]", "content: must have at least 2 entries"},
    {R"({"uniqueItems": true})", "[1, 1]", "content: must not have an entry twice"},
    {R"({"enum": ["red", 1, null]})", R"("blue")", R"(content: must be one of "red", 1, null)"},
    {R"({"const": {"a": 1}})", "2", R"(content: must be {"a":1})"},
    {R"({"maxLength": 9, "pattern": "^[0-9]+$"})", R"("a")", R"(content: must match "^[0-9]+$")"},
    {R"({"maxLength": 9, "pattern": "^[0-9]+$", "description": "a number in digits"})", R"("a")", "content: must be a number in digits"},
    {R"({"required": ["x"]})", "{}", "content.x: is missing"},
    {R"({"required": ["it's"]})", "{}", "content.it's: is missing"},
    {R"({"properties": {"x": {}}, "additionalProperties": false})", R"({"y": 1})", "content.y: is not known here"},
    {R"({"additionalProperties": {"type": "string"}})", R"({"y": 1})", "content.y: must be a string"},
    {R"({"propertyNames": {"maxLength": 2}})", R"({"abc": 1})", "content: does not have the form that this type needs"},
    {R"({"contains": {"const": 1}})", "[2]", "content: does not have the form that this type needs"},
    {R"({"dependencies": {"a": ["b"]}})", R"({"a": 1})", "content.b: is missing"},
    {R"({"not": {"type": "string"}})", R"("a")", "content: does not have the form that this type needs"},
    {R"({"anyOf": [{"type": "string"}, {"type": "number"}]})", "true", "content: does not have the form that this type needs"},
    {R"({"anyOf": [{"type": "string"}], "description": "a name or a number"})", "true", "content: must be a name or a number"},
    {R"({"oneOf": [{"type": "string"}, {"type": "number"}]})", "true", "content: does not have the form that this type needs"},
    {R"({"allOf": [{"type": "string"}, {"maxLength": 1}]})", R"("ab")", "content: must be at most 1 character long"},
    {R"({"if": {"type": "string"}, "then": {"maxLength": 1}})", R"("ab")", "content: does not have the form that this type needs"},
    {R"({"properties": {"a": {"items": {"properties": {"b": {"maximum": 1}}}}}})", R"({"a": [{}, {"b": 2}]})", "content.a[1].b: must be at most 1"},
    {R"({"items": [{"type": "string"}, {"type": "number"}]})", R"(["a", "b"])", "content[1]: must be a number"},
    {R"({"items": [{"type": "string"}], "additionalItems": false})", R"(["a", "b"])", "content: must have at most 1 entry"},
    {R"({"properties": {"0": {"type": "number"}}})", R"({"0": "a"})", "content.0: must be a number"},
};
// clang-format on

TEST(Schema, says_where_the_content_is_wrong_and_what_it_must_be) {
  for (const auto& [schema, content, words] : refusals) {
    EXPECT_EQ(Schema{Json::parse(schema)}.check(Json::parse(content)).value_or(""), words) << schema;
  }
}

TEST(Schema, allows_anything_where_there_is_none) {
  for (const Json& content : {Json{}, Json{1}, Json{"a\0b"s}}) EXPECT_FALSE(Schema{nullptr}.check(content));
}

// valijson counts only as far as the first.
TEST(Schema, refuses_the_character_nul_wherever_it_is) {
  const Schema schema{{{"maxLength", 1}}};
  const Json nul = "a\0bc"s;
  for (const Json& content : {nul, Json{nul}, Json{{"a", nul}}, Json{{nul, 1}}, Json{{"a", {1, nul}}}}) {
    EXPECT_EQ(schema.check(content), "content: must not hold the character U+0000") << content;
  }
}

TEST(Schema, is_refused_where_it_is_no_schema_or_text_of_any_length_would_meet_a_pattern) {
  const auto problem = [](const char* schema) -> std::string {
    try {
      Schema{Json::parse(schema)};
      return "";
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  };
  const std::string unbounded = R"(the pattern "^a+$" needs a maxLength of at most 1000 beside it)";
  EXPECT_EQ(problem(R"({"pattern": "^a+$"})"), unbounded);
  EXPECT_EQ(problem(R"({"pattern": "^a+$", "maxLength": 1001})"), unbounded);
  EXPECT_EQ(problem(R"({"maxLength": 9, "properties": {"x": {"pattern": "^a+$"}}})"), unbounded);
  EXPECT_EQ(problem(R"({"anyOf": [{"pattern": "^a+$", "maxLength": 1000}]})"), "");
  for (const auto* where : {"not", "oneOf", "if"}) {
    const Json bounded = {{"pattern", "^a+$"}, {"maxLength", 9}};
    const Json schema = {{where, where == "oneOf"s ? Json::array({bounded}) : bounded}};
    EXPECT_EQ(problem(schema.dump().c_str()), "a pattern cannot stand under not, oneOf or if; use anyOf") << where;
  }
  EXPECT_EQ(problem(R"({"patternProperties": {"a": {}}})"),
            "patternProperties is not supported; use propertyNames or check it in on_message");
  EXPECT_EQ(problem(R"({"properties": {"pattern": {"type": "string"}}})"), "");
  EXPECT_EQ(problem(R"({"enum": [{"pattern": "a"}]})"), "");
  EXPECT_EQ(problem(R"({"type": "text"})"), "Unrecognised JSON type name 'text'");
  EXPECT_NE(problem(R"({"maxLength": "long"})"), "");
  EXPECT_THAT(problem(R"({"pattern": "(", "maxLength": 9})"), testing::StartsWith(R"(the pattern "(" is no regular expression: )"));
  EXPECT_NE(problem(R"([])"), "");
}

TEST(Schema, is_refused_if_a_keyword_is_misspelt) {
  const auto problem = [](const char* schema) -> std::string {
    try {
      Schema{Json::parse(schema)};
      return "";
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  };
  const std::string misspelt = R"(JSON Schema (draft 7) has no keyword "maxLenght"; did you mean "maxLength"?)";
  for (const auto* schema : {R"({"type": "string", "maxLenght": 9})", R"({"properties": {"a": {"maxLenght": 9}}})", R"({"items": [{"maxLenght": 9}]})",
                             R"({"not": {"maxLenght": 9}})", R"({"anyOf": [{}, {"maxLenght": 9}]})", R"({"dependencies": {"a": {"maxLenght": 9}}})"}) {
    EXPECT_EQ(problem(schema), misspelt) << schema;
  }
  EXPECT_EQ(problem(R"({"colour": "red"})"), R"(JSON Schema (draft 7) has no keyword "colour"; a keyword of your own begins with x-)");
  for (const auto* schema : {R"({"x-order": 1, "$comment": "", "default": {"a": 1}, "examples": [{"a": 1}]})", R"({"properties": {"maxLenght": {}}})",
                             R"({"enum": [{"maxLenght": 1}]})", R"({"const": {"maxLenght": 1}})", R"({"dependencies": {"a": ["b"]}})"}) {
    EXPECT_EQ(problem(schema), "") << schema;
  }
}

TEST(Schema, tries_no_pattern_on_text_that_is_too_long) {
  const Schema schema{{{"maxLength", 1000}, {"pattern", "^(a|b)*$"}}};
  EXPECT_FALSE(schema.check(std::string(1000, 'a')));
  EXPECT_EQ(schema.check(std::string(10'000'000, 'a')), "content: must be at most 1000 characters long");
}

TEST(Schema, serves_any_number_of_threads_at_once) {
  const Schema schema{{{"maxLength", 5}, {"pattern", "^[a-z]+$"}}};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 200; ++n) {
        EXPECT_FALSE(schema.check("abc"));
        EXPECT_TRUE(schema.check("ABC"));
      }
    });
  }
}

}  // namespace
}  // namespace hubbub::plugins

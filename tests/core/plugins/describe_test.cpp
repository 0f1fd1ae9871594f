// What a plugin's manual says of the content of its messages.
#include "plugins/describe.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hubbub::plugins {
namespace {

struct Described {
  const char* schema;
  std::vector<std::string> lines;
};

// clang-format off
const std::vector<Described> cases = {
    {"null", {"anything"}},
    {"true", {"anything"}},
    {"{}", {"anything"}},
    {R"({"type": "string"})", {"a string"}},
    {R"({"type": "string", "maxLength": 64})", {"a string of at most 64 characters"}},
    {R"({"type": "string", "minLength": 1})", {"a string of at least 1 character"}},
    {R"({"type": "string", "minLength": 1, "maxLength": 64})", {"a string of 1 to 64 characters"}},
    {R"({"type": "string", "minLength": 3, "maxLength": 3})", {"a string of 3 characters"}},
    {R"({"type": "string", "maxLength": 0})", {"a string of no characters"}},
    {R"({"type": "string", "maxLength": 9, "pattern": "^#"})", {R"(a string of at most 9 characters that matches "^#")"}},
    {R"({"type": "string", "maxLength": 9, "pattern": "^#", "description": "a colour"})", {"a colour"}},
    {R"({"type": "integer"})", {"a whole number"}},
    {R"({"type": "integer", "minimum": 1})", {"a whole number from 1 upwards"}},
    {R"({"type": "number", "maximum": 0.5})", {"a number up to 0.5"}},
    {R"({"type": "number", "minimum": 0, "maximum": 9})", {"a number from 0 to 9"}},
    {R"({"type": "number", "exclusiveMinimum": 0, "maximum": 9})", {"a number above 0 up to 9"}},
    {R"({"type": "number", "minimum": 0, "exclusiveMaximum": 1, "multipleOf": 0.1})", {"a number from 0 below 1 in steps of 0.1"}},
    {R"({"type": "boolean"})", {"true or false"}},
    {R"({"type": "null"})", {"left out"}},
    {R"({"type": ["string", "integer", "null"], "maxLength": 2, "minimum": 1})", {"a string of at most 2 characters, a whole number from 1 upwards or left out"}},
    {R"({"enum": ["a", 1]})", {R"(one of "a", 1)"}},
    {R"({"enum": ["a"]})", {R"("a")"}},
    {R"({"const": 5})", {"5"}},
    {R"({"anyOf": [{"type": "string"}, {"const": 5}]})", {"a string or 5"}},
    {R"({"allOf": [{"type": "integer"}, {"type": "number", "minimum": 5}]})", {"a whole number and a number from 5 upwards"}},
    {R"({"maxLength": 9, "maxItems": 1})", {"anything; a list of at most 1 entry or a string of at most 9 characters"}},
    {R"({"type": "array", "minItems": 1, "maxItems": 5, "items": {"type": "boolean"}})", {"a list of 1 to 5 entries, each true or false"}},
    {R"({"type": "array", "items": [{"type": "string"}, {"type": "integer"}]})", {"a list", "  then: a string", "  then: a whole number"}},
    {R"({"type": "object", "required": ["a"], "properties": {"b": {"type": "boolean"}, "a": {"type": "string"}}})",
        {"an object", "  a: a string", "  b?: true or false", "  others?: anything"}},
    {R"({"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": false})", {"an object", "  a?: a string"}},
    {R"({"type": "object", "additionalProperties": {"type": "string"}, "maxProperties": 2})", {"an object of at most 2 fields", "  others?: a string"}},
    {R"({"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {"const": 1}}, "additionalProperties": false}}, "additionalProperties": false})",
        {"an object", "  a?: an object", "    b?: 1"}},
    {R"({"anyOf": [{"type": "object", "properties": {"a": {"const": 1}}, "additionalProperties": false}, {"type": "string"}]})",
        {"an object or a string", "  a?: 1"}},
    {R"({"type": "object", "anyOf": [{"required": ["x", "y"]}, {"required": ["points"]}]})", {"an object, with x and y or with points"}},
    {R"({"type": "array", "items": {"type": "object", "properties": {"a": {"const": 1}}, "additionalProperties": false}})",
        {"a list, each an object", "  a?: 1"}},
};
// clang-format on

TEST(Describe, says_in_words_what_a_schema_allows) {
  for (const auto& [schema, lines] : cases) EXPECT_EQ(describe(Json::parse(schema)), lines) << schema;
}

}  // namespace
}  // namespace hubbub::plugins

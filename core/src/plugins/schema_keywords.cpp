#include "plugins/schema_keywords.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "config/spelling.hpp"

namespace hubbub::plugins {
namespace {

// The keywords, grouped by what their value holds: one schema or a list of them; schemas by name; anything else.
const std::vector<std::string> of_schemas = {"additionalItems", "additionalProperties", "allOf", "anyOf", "contains", "else", "if",
                                             "items", "not", "oneOf", "propertyNames", "then"};
const std::vector<std::string> of_named_schemas = {"$defs", "definitions", "dependencies", "patternProperties", "properties"};
const std::vector<std::string> of_others = {
    "$comment", "$id", "$ref", "$schema", "const", "contentEncoding", "contentMediaType", "default", "deprecated", "description", "enum",
    "examples", "exclusiveMaximum", "exclusiveMinimum", "format", "maxItems", "maxLength", "maxProperties", "maximum", "minItems",
    "minLength", "minProperties", "minimum", "multipleOf", "pattern", "readOnly", "required", "title", "type", "uniqueItems", "writeOnly"};

bool contains(const std::vector<std::string>& names, const std::string& name) { return std::ranges::find(names, name) != names.end(); }

[[noreturn]] void refuse(const std::string& keyword) {
  auto known = of_schemas;
  known.insert(known.end(), of_named_schemas.begin(), of_named_schemas.end());
  known.insert(known.end(), of_others.begin(), of_others.end());
  const auto near = config::nearest(keyword, known);
  throw std::runtime_error("JSON Schema (draft 7) has no keyword " + Json(keyword).dump() +
                           (near.empty() ? "; a keyword of your own begins with x-" : "; did you mean \"" + near + "\"?"));
}

}  // namespace

void check_keywords(const Json& schema) {
  if (schema.is_array()) {
    for (const auto& each : schema) check_keywords(each);
  }
  if (!schema.is_object()) return;
  for (const auto& [keyword, value] : schema.items()) {
    if (contains(of_schemas, keyword)) {
      check_keywords(value);
    } else if (contains(of_named_schemas, keyword)) {
      for (const auto& each : value) check_keywords(each);
    } else if (!contains(of_others, keyword) && !keyword.starts_with("x-")) {
      refuse(keyword);
    }
  }
}

}  // namespace hubbub::plugins

#include "plugins/describe.hpp"

#include <algorithm>
#include <array>

#include "plugins/words.hpp"

namespace hubbub::plugins {
namespace {

using Lines = std::vector<std::string>;

const Json& at(const Json& schema, const char* keyword) {
  static const Json nothing;
  const auto found = schema.find(keyword);
  return found == schema.end() ? nothing : *found;
}

// "a, b and c".
std::string list(const Lines& words, const std::string& last) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == words.size() ? " " + last + " " : ", ") + words[i];
  }
  return text;
}

// " of 1 to 64 characters"; empty if there are no bounds.
std::string size(const Json& schema, const char* least, const char* most, const std::string& one, const std::string& many) {
  const auto& from = at(schema, least);
  const auto& to = at(schema, most);
  if (from.is_null() && to.is_null()) return {};
  if (to.is_null()) return " of at least " + counted(from, one, many);
  if (to == 0) return " of no " + many;
  if (from.is_null() || from == 0) return " of at most " + counted(to, one, many);
  return " of " + (from == to ? "" : plain(from) + " to ") + counted(to, one, many);
}

// " from 1 to 9", " above 0 up to 9", " from 1 upwards".
std::string range(const Json& schema) {
  const auto& least = at(schema, "minimum");
  const auto& above = at(schema, "exclusiveMinimum");
  const auto& most = at(schema, "maximum");
  const auto& below = at(schema, "exclusiveMaximum");
  const auto& step = at(schema, "multipleOf");
  std::string text = !least.is_null() ? " from " + plain(least) : !above.is_null() ? " above " + plain(above) : "";
  if (!most.is_null()) {
    text += (least.is_null() ? " up to " : " to ") + plain(most);
  } else if (!below.is_null()) {
    text += " below " + plain(below);
  } else if (!least.is_null()) {
    text += " upwards";
  }
  return text + (step.is_null() ? "" : " in steps of " + plain(step));
}

// Adds a line with `name` and what it is, then the lines for what is in it.
void add_row(Lines& lines, const std::string& name, const Lines& words) {
  lines.push_back("  " + name + ": " + words.front());
  for (std::size_t i = 1; i < words.size(); ++i) lines.push_back("  " + words[i]);
}

void add_fields(Lines& lines, const Json& schema) {
  const auto& required = at(schema, "required");
  const auto& properties = at(schema, "properties");
  const auto is_required = [&](const Json& name) { return std::find(required.begin(), required.end(), name) != required.end(); };
  for (const auto& [name, field] : properties.items()) add_row(lines, name + (is_required(name) ? "" : "?"), describe(field));
  const auto& others = at(schema, "additionalProperties");
  if (others.is_object() || (others != false && !properties.is_null())) add_row(lines, "others?", describe(others));
}

// For alternatives that only differ in the fields they require: "with x and y or with points".
std::string forms(const Json& alternatives) {
  Lines words;
  for (const auto& form : alternatives) {
    if (form.is_object() && form.contains("required")) words.push_back("with " + list(form.at("required").get<Lines>(), "and"));
  }
  return list(words, "or");
}

// Says what a value of one type is. Adds the lines for what is in it to `inner`.
std::string of_type(const std::string& type, const Json& schema, Lines& inner) {
  if (type == "boolean") return "true or false";
  if (type == "string") {
    const auto& pattern = at(schema, "pattern");
    return "a string" + size(schema, "minLength", "maxLength", "character", "characters") +
           (pattern.is_null() ? "" : " that matches " + plain(pattern));
  }
  if (type == "integer" || type == "number") return type_name(type) + range(schema);
  if (type == "object") {
    add_fields(inner, schema);
    const auto& any_of = at(schema, "anyOf");
    const auto text = "an object" + size(schema, "minProperties", "maxProperties", "field", "fields");
    return text + (any_of.is_null() ? "" : ", " + forms(any_of));
  }
  if (type == "array") {
    const auto text = "a list" + size(schema, "minItems", "maxItems", "entry", "entries");
    const auto& items = at(schema, "items");
    if (items.is_array()) {
      for (const auto& item : items) add_row(inner, "then", describe(item));
    } else if (!items.is_null()) {
      const auto words = describe(items);
      inner.insert(inner.end(), words.begin() + 1, words.end());
      return text + ", each " + words.front();
    }
    return text;
  }
  return type_name(type);
}

// The types that a schema names, or that its keywords imply.
Lines types_of(const Json& schema) {
  const auto& type = at(schema, "type");
  if (type.is_string()) return {type.get<std::string>()};
  if (type.is_array()) return type.get<Lines>();
  constexpr std::array<std::pair<const char*, const char*>, 10> spoken = {{
      {"properties", "object"}, {"required", "object"}, {"maxProperties", "object"}, {"items", "array"}, {"maxItems", "array"},
      {"maxLength", "string"}, {"minLength", "string"}, {"pattern", "string"}, {"maximum", "number"}, {"minimum", "number"},
  }};
  Lines types;
  for (const auto& [keyword, of] : spoken) {
    if (schema.contains(keyword) && std::ranges::find(types, of) == types.end()) types.emplace_back(of);
  }
  return types;
}

}  // namespace

std::vector<std::string> describe(const Json& schema) {
  if (!schema.is_object()) return {"anything"};
  if (const auto& words = at(schema, "description"); words.is_string()) return {words.get<std::string>()};
  if (const auto& values = at(schema, "enum"); !values.is_null()) return {(values.size() == 1 ? "" : "one of ") + one_of(values)};
  if (const auto found = schema.find("const"); found != schema.end()) return {plain(*found)};

  const auto types = types_of(schema);
  Lines inner;
  Lines words;
  for (const auto& type : types) words.push_back(of_type(type, schema, inner));
  if (types.empty()) {
    for (const char* keyword : {"anyOf", "oneOf", "allOf"}) {
      for (const auto& part : at(schema, keyword)) {
        const auto lines = describe(part);
        words.push_back(lines.front());
        inner.insert(inner.end(), lines.begin() + 1, lines.end());
      }
    }
  }
  Lines lines = {words.empty() ? "anything" : list(words, schema.contains("allOf") ? "and" : "or")};
  if (!types.empty() && !schema.contains("type")) lines.front() = "anything; " + lines.front();
  lines.insert(lines.end(), inner.begin(), inner.end());
  return lines;
}

}  // namespace hubbub::plugins

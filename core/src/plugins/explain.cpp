#include "plugins/explain.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <string_view>
#include <utility>

#include "plugins/words.hpp"

namespace hubbub::plugins {
namespace {

// The part of a path element that names a property or an index: "[name]" → "name".
std::string_view inside(std::string_view element) {
  if (element.size() >= 2 && element.front() == '[') element = element.substr(1, element.size() - 2);
  return element;
}

bool is_index(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; });
}

// The part of `schema` for the field or index `name`, or null if there is none.
const Json& below(const Json& schema, std::string_view name) {
  static const Json none;
  if (const auto properties = schema.find("properties"); properties != schema.end()) {
    if (const auto found = properties->find(name); found != properties->end()) return *found;
  }
  if (const auto items = schema.find("items"); items != schema.end() && is_index(name)) {
    if (items->is_object()) return *items;
    const auto index = std::stoul(std::string{name});
    if (items->is_array() && index < items->size()) return (*items)[index];
  }
  for (const char* others : {"additionalProperties", "additionalItems"}) {
    if (const auto found = schema.find(others); found != schema.end() && found->is_object()) return *found;
  }
  for (const char* branch : {"anyOf", "oneOf", "allOf"}) {
    if (!schema.contains(branch)) continue;
    for (const auto& choice : schema.at(branch)) {
      if (const Json& found = below(choice, name); !found.is_null()) return found;
    }
  }
  return none;
}

std::string type_names(const Json& type) {
  if (type.is_string()) return type_name(type.get<std::string>());
  std::string text;
  for (const auto& one : type) text += (text.empty() ? "" : " or ") + type_name(one.get<std::string>());
  return text;
}

// The value of `keyword` in `schema` or in its `allOf`; null if there is none.
const Json& stated(const Json& schema, const char* keyword) {
  static const Json nothing;
  if (const auto found = schema.find(keyword); found != schema.end()) return *found;
  if (const auto all = schema.find("allOf"); all != schema.end()) {
    for (const auto& part : *all) {
      if (const Json& found = part.is_object() ? stated(part, keyword) : nothing; !found.is_null()) return found;
    }
  }
  return nothing;
}

// Says what `schema` demands, given valijson's sentence about it; empty if the sentence is not one of the usual ones.
std::string demand(const Json& schema, const std::string& finding) {
  const auto characters = [](const Json& v) { return counted(v, "character", "characters") + " long"; };
  const auto entries = [](const Json& v) { return counted(v, "entry", "entries"); };
  const auto fields = [](const Json& v) { return counted(v, "field", "fields"); };
  using Words = std::function<std::string(const Json&)>;
  // If one sentence contains another, the longer one comes first.
  const std::array<std::tuple<std::string_view, const char*, Words>, 17> usual = {{
      {"'type' constraint", "type", [](const Json& v) { return "must be " + type_names(v); }},
      {"less than or equal to", "maximum", [](const Json& v) { return "must be at most " + plain(v); }},
      {"less than", "exclusiveMaximum", [](const Json& v) { return "must be less than " + plain(v); }},
      {"greater than or equal to", "minimum", [](const Json& v) { return "must be at least " + plain(v); }},
      {"greater than", "exclusiveMinimum", [](const Json& v) { return "must be more than " + plain(v); }},
      {"multiple of", "multipleOf", [](const Json& v) { return "must be a multiple of " + plain(v); }},
      {"String should be no more", "maxLength", [&](const Json& v) { return "must be at most " + characters(v); }},
      {"String should be no fewer", "minLength",
       [&](const Json& v) { return v == 1 ? "must not be empty" : "must be at least " + characters(v); }},
      {"Array should contain no more", "maxItems", [&](const Json& v) { return "must have at most " + entries(v); }},
      {"Array should contain no fewer", "minItems", [&](const Json& v) { return "must have at least " + entries(v); }},
      {"Array contains more items", "items", [&](const Json& v) { return "must have at most " + entries(v.size()); }},
      {"uniqueness constraint", "uniqueItems", [](const Json&) { return "must not have an entry twice"; }},
      {"Object should have no more", "maxProperties", [&](const Json& v) { return "must have at most " + fields(v); }},
      {"Object should have no fewer", "minProperties", [&](const Json& v) { return "must have at least " + fields(v); }},
      {"enum values", "enum", [](const Json& v) { return "must be one of " + one_of(v); }},
      {"'const' constraint", "const", [](const Json& v) { return "must be " + plain(v); }},
      {"'pattern' constraint", "pattern", [](const Json& v) { return "must match " + plain(v); }},
  }};
  for (const auto& [words, keyword, demand_of] : usual) {
    if (finding.find(words) == finding.npos) continue;
    if (const Json& value = stated(schema, keyword); !value.is_null()) return demand_of(value);
  }
  return {};
}

// The name in quotes at the end of valijson's sentence: "Missing required property 'sides'."
std::string quoted_name(const std::string& finding) {
  const auto first = finding.find('\'');
  const auto last = finding.rfind('\'');
  return first == last ? std::string{} : finding.substr(first + 1, last - first - 1);
}

}  // namespace

std::string explain(const Json& schema, const Json& content, const std::vector<std::string>& path,
                    const std::string& finding) {
  std::string where = "content";
  const Json* part = &schema;
  const Json* value = &content;
  for (std::size_t i = 1; i < path.size(); ++i) {
    const auto name = inside(path[i]);
    const bool index = value->is_array() && is_index(name);
    where += index ? "[" + std::string{name} + "]" : "." + std::string{name};
    part = &below(*part, name);
    static const Json none;
    if (index) {
      const auto at = std::stoul(std::string{name});
      value = at < value->size() ? &(*value)[at] : &none;
    } else {
      value = value->is_object() && value->contains(name) ? &(*value)[std::string{name}] : &none;
    }
  }

  if (finding.starts_with("Missing ")) return where + "." + quoted_name(finding) + ": is missing";
  if (finding.starts_with("Object contains a property")) {
    return where + "." + quoted_name(finding.substr(finding.find(": '"))) + ": is not known here";
  }
  std::string wanted;
  if (part->is_object()) {
    wanted = demand(*part, finding);
    const bool is_vague = wanted.empty() || finding.find("'pattern' constraint") != finding.npos;
    if (is_vague && part->contains("description")) wanted = "must be " + part->at("description").get<std::string>();
  }
  return where + ": " + (wanted.empty() ? "does not have the form that this type needs" : wanted);
}

}  // namespace hubbub::plugins

// Random JSON: values that a schema allows, and others.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>
#include <string>

namespace hubbub::testing {

class RandomJson {
 public:
  using Json = nlohmann::json;

  explicit RandomJson(unsigned seed) : chance_(seed) {}

  std::size_t below(std::size_t n) { return chance_() % n; }
  bool one_in(std::size_t n) { return below(n) == 0; }

  // The room's last seq: whole numbers without a maximum are mostly one of the last seqs.
  void reached(std::uint64_t seq) { seq_ = seq; }

  // A value that `schema` (as the plugins here write schemas) most likely allows.
  Json fitting(const Json& schema) {
    if (!schema.is_object()) return any(2);
    if (schema.contains("const")) return schema["const"];
    if (schema.contains("examples") && one_in(2)) return schema["examples"][below(schema["examples"].size())];
    if (schema.contains("enum")) return schema["enum"][below(schema["enum"].size())];
    for (const char* branch : {"anyOf", "oneOf"}) {
      if (schema.contains(branch)) return fitting(both(schema, branch, schema[branch][below(schema[branch].size())]));
    }
    auto type = schema.value("type", Json{"string"});
    if (type.is_array()) type = type[below(type.size())];
    if (type == "string") return text(schema.value("minLength", std::size_t{0}), schema.value("maxLength", std::size_t{20}));
    if (type == "boolean") return one_in(2);
    if (type == "null") return nullptr;
    if (type == "integer" || type == "number") return number(schema, type == "integer");
    if (type == "array") return list(schema);
    return object(schema);
  }

  // Anything, nested at most `depth` levels.
  Json any(int depth) {
    switch (below(depth > 0 ? 8 : 6)) {
      case 0: return nullptr;
      case 1: return one_in(2);
      case 2: return static_cast<std::int64_t>(below(2000)) - 1000;
      case 3: return (static_cast<double>(below(2000)) - 1000) / 7;
      case 4: case 5: return text(0, 30);
      case 6: {
        Json items = Json::array();
        for (auto n = below(4); n > 0; --n) items.push_back(any(depth - 1));
        return items;
      }
      default: {
        Json fields = Json::object();
        for (auto n = below(4); n > 0; --n) fields[text(0, 5)] = any(depth - 1);
        return fields;
      }
    }
  }

 private:
  std::string text(std::size_t least, std::size_t most) {
    static const char* const pieces[] = {"a", "Z", "7", " ", "\"", "\\", "\n", "<", "é", "🌸", "\u0301", "\r\n"};
    const auto length = least + below(std::min<std::size_t>(most - least, 40) + 1);
    std::string made;
    for (std::size_t i = 0; i < length; ++i) made += pieces[below(std::size(pieces))];
    return made;
  }

  // `schema` with only one of its branches.
  static Json both(Json schema, const char* branch, const Json& chosen) {
    schema.erase(branch);
    auto required = schema.value("required", Json::array());
    for (const auto& name : chosen.value("required", Json::array())) required.push_back(name);
    schema.merge_patch(chosen);
    if (!required.empty()) schema["required"] = std::move(required);
    return schema;
  }

  Json number(const Json& schema, bool whole) {
    if (whole && !schema.contains("maximum") && seq_ != 0 && !one_in(4)) return seq_ - below(std::min<std::size_t>(seq_, 8));
    const auto least = schema.value("minimum", -1000.0);
    const auto most = std::max(least, schema.value("maximum", least + 2000));
    const auto value = least + (most - least) * static_cast<double>(below(1001)) / 1000;
    if (whole) return static_cast<std::int64_t>(value);
    return value;
  }

  Json list(const Json& schema) {
    Json items = Json::array();
    const auto least = schema.value("minItems", std::size_t{0});
    const auto most = schema.value("maxItems", least + 5);
    const auto size = least + below(std::min<std::size_t>(most - least, 5) + 1);
    for (std::size_t i = 0; i < size; ++i) {
      const bool by_place = schema.contains("items") && schema["items"].is_array() && i < schema["items"].size();
      items.push_back(fitting(by_place ? schema["items"][i] : schema.value("items", Json{})));
    }
    return items;
  }

  Json object(const Json& schema) {
    Json fields = Json::object();
    const auto required = schema.value("required", Json::array());
    const auto properties = schema.value("properties", Json::object());
    for (const auto& [name, part] : properties.items()) {
      if (one_in(2) || std::find(required.begin(), required.end(), name) != required.end()) fields[name] = fitting(part);
    }
    return fields;
  }

  std::minstd_rand chance_;
  std::uint64_t seq_ = 0;
};

}  // namespace hubbub::testing

#include "plugins/schema.hpp"

// Without this, valijson ends the process if it does not understand a schema.
#define VALIJSON_USE_EXCEPTIONS 1
#include <algorithm>
#include <regex>
#include <stdexcept>
#include <string>
#include <utility>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "plugins/explain.hpp"
#include "plugins/schema_keywords.hpp"

namespace hubbub::plugins {
namespace {

using Adapter = valijson::adapters::NlohmannJsonAdapter;

constexpr std::uint64_t longest_for_pattern = 1000;  // characters

// valijson compiles a pattern when it is first needed, which is too late to report that it is wrong.
void check_pattern(const std::string& pattern) {
  try {
    static_cast<void>(std::regex{pattern});
  } catch (const std::regex_error& error) {
    throw std::runtime_error("the pattern " + Json(pattern).dump() + " is no regular expression: " + error.what());
  }
}

// Returns `schema` without its patterns. Checks the rules for patterns (see the header) on the way.
Json without_patterns(const Json& schema, bool allowed, bool& any) {
  if (schema.is_array()) {
    Json result = Json::array();
    for (const auto& item : schema) result.push_back(without_patterns(item, allowed, any));
    return result;
  }
  if (!schema.is_object()) return schema;
  Json result = Json::object();
  for (const auto& [key, value] : schema.items()) {
    if (key == "enum" || key == "const") {
      result[key] = value;
    } else if (key == "pattern" && value.is_string()) {
      any = true;
      const auto bound = schema.find("maxLength");
      if (!allowed) throw std::runtime_error("a pattern cannot stand under not, oneOf or if; use anyOf");
      if (bound == schema.end() || !bound->is_number_integer() || bound->get<std::uint64_t>() > longest_for_pattern) {
        throw std::runtime_error("the pattern " + value.dump() + " needs a maxLength of at most 1000 beside it");
      }
      check_pattern(value.get<std::string>());
    } else if (key == "patternProperties") {
      throw std::runtime_error("patternProperties is not supported; use propertyNames or check it in on_message");
    } else {
      result[key] = without_patterns(value, allowed && key != "not" && key != "oneOf" && key != "if", any);
    }
  }
  return result;
}

// Facts about all strings of a content, including its keys.
struct Strings {
  bool has_nul = false;     // valijson measures a string up to its first U+0000, so what follows would evade `maxLength`
  std::size_t longest = 0;  // bytes

  void look_at(const std::string& text) {
    has_nul = has_nul || text.find('\0') != std::string::npos;
    longest = std::max(longest, text.size());
  }
  void look_into(const Json& json) {
    if (json.is_string()) look_at(json.get_ref<const std::string&>());
    if (json.is_array()) {
      for (const auto& item : json) look_into(item);
    } else if (json.is_object()) {
      for (const auto& [key, value] : json.get_ref<const Json::object_t&>()) look_at(key), look_into(value);
    }
  }
};

}  // namespace

struct Schema::Compiled {
  // The most common schema: a string with bounds on its characters. For most messages of such a type, the number of bytes alone shows that
  // they fit, because a byte is at least a quarter of a character and at most a whole one. That saves the validation, which would take
  // longer than all other work for the message.
  struct Length {
    std::size_t least, most;
    bool surely_fits(const Json& content) const {
      if (!content.is_string()) return false;
      const auto bytes = content.get_ref<const std::string&>().size();
      return bytes <= most && (bytes + 3) / 4 >= least;
    }
  };

  static std::optional<Length> only_length(const Json& schema) {
    if (!schema.is_object() || schema.value("type", Json{}) != "string") return {};
    for (const auto& [key, value] : schema.items()) {
      const bool bound = key == "minLength" || key == "maxLength";
      if (bound && (!value.is_number_integer() || value.get<std::int64_t>() < 0)) return {};
      if (!bound && key != "type" && key != "title" && key != "description" && key != "examples") return {};
    }
    return Length{schema.value("minLength", std::size_t{0}), schema.value("maxLength", ~std::size_t{0})};
  }

  Json source;
  std::optional<Length> length;
  bool has_patterns = false;
  valijson::Schema bounded;  // without patterns; a long content must fit this before a pattern may be tried
  valijson::Schema whole;

  // valijson's validator caches the expressions that it has compiled, so each thread keeps its validator.
  bool fits(const valijson::Schema& schema, const Json& content, valijson::ValidationResults* results) const {
    thread_local valijson::Validator validator;
    return validator.validate(schema, Adapter{content}, results);
  }

  std::string why_not(const valijson::Schema& schema, const Json& content) const {
    valijson::ValidationResults results;
    fits(schema, content, &results);
    for (const auto& error : results) return explain(source, content, error.context, error.description);
    return "content: does not have the form that this type needs";
  }
};

Schema::Schema(const Json& schema) {
  if (schema.is_null()) return;
  auto compiled = std::make_unique<Compiled>();
  compiled->source = schema;
  compiled->length = Compiled::only_length(schema);
  check_keywords(schema);
  const Json bounded = without_patterns(schema, true, compiled->has_patterns);
  valijson::SchemaParser{}.populateSchema(Adapter{bounded}, compiled->bounded);
  valijson::SchemaParser{}.populateSchema(Adapter{compiled->source}, compiled->whole);
  compiled_ = std::move(compiled);
}

Schema::~Schema() = default;
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;

std::optional<std::string> Schema::check(const Json& content) const {
  if (!compiled_) return {};
  Strings strings;
  strings.look_into(content);
  if (strings.has_nul) return "content: must not hold the character U+0000";
  if (compiled_->length && compiled_->length->surely_fits(content)) return {};
  const auto& bounded = compiled_->bounded;
  const auto& whole = compiled_->whole;
  const bool too_long_for_patterns = compiled_->has_patterns && strings.longest > longest_for_pattern;
  if (too_long_for_patterns && !compiled_->fits(bounded, content, nullptr)) return compiled_->why_not(bounded, content);
  if (!compiled_->fits(whole, content, nullptr)) return compiled_->why_not(whole, content);
  return {};
}

}  // namespace hubbub::plugins

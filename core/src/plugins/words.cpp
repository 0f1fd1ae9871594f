#include "plugins/words.hpp"

#include <cstdint>

namespace hubbub::plugins {

std::string plain(const Json& value) {
  if (value.is_number_float() && value.get<double>() == static_cast<double>(static_cast<std::int64_t>(value.get<double>()))) {
    return std::to_string(static_cast<std::int64_t>(value.get<double>()));
  }
  return value.dump();
}

std::string one_of(const Json& values) {
  std::string text;
  for (const auto& value : values) text += (text.empty() ? "" : ", ") + plain(value);
  return text;
}

std::string type_name(const std::string& type) {
  if (type == "null") return "left out";
  return (type == "integer" ? "a whole number" : type == "object" || type == "array" ? "an " + type : "a " + type);
}

std::string counted(const Json& number, const std::string& one, const std::string& many) {
  return plain(number) + " " + (number == 1 ? one : many);
}

}  // namespace hubbub::plugins

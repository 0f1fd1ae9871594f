// A colour as pages send it: `#` and hexadecimal digits. CSS accepts 3, 4, 6 or 8 digits. Pages that make a colour with
// `'#' + number.toString(16)` lose its leading zeros, so 1, 2 and 5 digits are accepted too, and get these zeros back: what is passed
// on is always a valid CSS colour. Pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace hubbub {

// The schema of a field that holds such a colour.
inline nlohmann::json color_schema() {
  return {{"type", "string"},
          {"maxLength", 9},
          {"pattern", "^#([0-9A-Fa-f]{1,6}|[0-9A-Fa-f]{8})$"},
          {"description", "a colour such as #f80 or #ff8800"},
          {"examples", {"#f80", "#F80C", "#1e90ff", "#1e90ff80", "#e90ff", "#7"}}};
}

// `color` as a valid CSS colour. It must fit color_schema().
inline std::string css_color(const std::string& color) {
  const auto digits = color.size() - 1;
  if (digits > 2 && digits != 5) return color;
  return "#" + std::string(6 - digits, '0') + color.substr(1);
}

// Makes the field `color` of `content` a valid CSS colour, if there is such a field.
inline void settle_color(nlohmann::json& content) {
  const auto color = content.find("color");
  if (color != content.end()) *color = css_color(color->get_ref<const std::string&>());
}

}  // namespace hubbub

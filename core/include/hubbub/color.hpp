// A colour as pages send it: `#` and hexadecimal digits. 3, 4, 6 and 8 digits are what CSS takes. Pages that choose a colour with
// `'#' + number.toString(16)` leave out zeros in front, so 1, 2 and 5 digits are taken, too, and get these zeros back: what is
// passed on is always a colour for CSS. Pure functions.
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

// `color`, which must fit color_schema(), as CSS takes it.
inline std::string css_color(const std::string& color) {
  const auto digits = color.size() - 1;
  if (digits > 2 && digits != 5) return color;
  return "#" + std::string(6 - digits, '0') + color.substr(1);
}

// Makes `color` in `content`, if it is there, what CSS takes.
inline void settle_color(nlohmann::json& content) {
  const auto color = content.find("color");
  if (color != content.end()) *color = css_color(color->get_ref<const std::string&>());
}

}  // namespace hubbub

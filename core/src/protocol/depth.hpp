// Checks how deeply a JSON text is nested before it is parsed: copying or dumping a deeply nested value can overflow the stack.
#pragma once

#include <cstddef>
#include <string_view>

namespace hubbub {

// Whether `text` nests arrays and objects deeper than `max_depth`. `text` need not be valid JSON.
inline bool is_deeper_than(std::string_view text, std::size_t max_depth) {
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > max_depth) return true;
    } else if ((c == ']' || c == '}') && depth > 0) {
      --depth;
    }
  }
  return false;
}

}  // namespace hubbub

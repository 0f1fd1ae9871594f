// The rule for plugin names.
#pragma once

#include <algorithm>
#include <string_view>

namespace hubbub {

// Whether `text` is a lower-case letter followed by lower-case letters, digits and underscores.
inline bool is_plugin_name(std::string_view text) {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return !text.empty() && is_letter(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

}  // namespace hubbub

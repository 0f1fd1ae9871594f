// About how much memory a value takes. A pure function.
#pragma once

#include <cstddef>
#include <string>

#include "protocol/json.hpp"

namespace hubbub::rooms {

// In bytes.
inline std::size_t memory_of(const Json& value) {
  std::size_t sum = sizeof(Json);
  if (value.is_string()) return sum + value.get_ref<const std::string&>().size();
  if (!value.is_structured()) return sum;
  for (const auto& [key, item] : value.items()) sum += key.size() + (value.is_object() ? 96U : 0U) + memory_of(item);
  return sum;
}

}  // namespace hubbub::rooms

// Limits on the parts of a message.
#pragma once

#include <cstddef>

namespace hubbub {

constexpr std::size_t longest_ref = 64;   // characters
constexpr std::size_t longest_type = 64;  // bytes; no plugin has a longer type, and a longer one is not quoted in the answer

}  // namespace hubbub

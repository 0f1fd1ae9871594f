// How large the parts of a message may be.
#pragma once

#include <cstddef>

namespace hubbub {

constexpr std::size_t longest_ref = 64;   // characters
constexpr std::size_t longest_type = 64;  // bytes; what is longer is no type of ours, and need not be quoted back

}  // namespace hubbub

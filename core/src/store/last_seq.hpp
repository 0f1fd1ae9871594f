// The largest seq that a log can hold, in every store.
#pragma once

#include <cstdint>

namespace hubbub::store {

constexpr std::uint64_t last_seq = (std::uint64_t{1} << 38) - 1;

}  // namespace hubbub::store

// Frames that several members are handed, made once. Immutable, and shared by any threads.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "protocol/frame.hpp"

namespace hubbub::rooms {

using Frames = std::shared_ptr<const std::vector<Frame>>;

inline std::size_t weight_of(std::span<const Frame> frames) {
  std::size_t sum = 0;
  for (const auto& frame : frames) sum += frame.weight();
  return sum;
}

// Frames in their order, in parts that may be shared one by one.
struct Parts {
  std::vector<Frames> parts;
  std::size_t weight = 0;  // of all of them
};

}  // namespace hubbub::rooms

// Frames that are made once and handed to several members. They are immutable, so any threads may share them.
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

// Frames in order, in parts. Each part may be shared without the others.
struct Parts {
  std::vector<Frames> parts;
  std::size_t weight = 0;  // of all frames
};

}  // namespace hubbub::rooms

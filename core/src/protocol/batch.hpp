// The frames of one turn of a shard for the same readers, in order, with their bytes in one contiguous piece. A reader that
// keeps up is sent all of them in one system call; a slow reader gets the frames one by one (see Outbox).
//
// Belongs to one shard.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/frame.hpp"

namespace hubbub {

class Batch {
 public:
  void add(Frame frame);

  // Removes all frames; keeps at most 4 KiB of memory for the next turn.
  void clear();

  std::size_t size() const { return frames_.size(); }  // frames
  std::size_t bytes() const { return bytes_.size(); }

  // From frame number `first` on.
  std::span<const Frame> frames(std::size_t first) const { return std::span{frames_}.subspan(first); }
  std::string_view bytes(std::size_t first) const {
    return first == size() ? std::string_view{} : std::string_view{bytes_}.substr(starts_[first]);
  }

  // The same frames, each converted by `convert(frame)`. The result is cached under `key`, so each frame is converted once
  // per key, however many readers ask.
  template <class Convert>
  const Batch& converted(int key, Convert convert) const {
    auto& other = conversion(key);
    for (const auto& frame : frames(other.size())) other.add(convert(frame));
    return other;
  }

 private:
  Batch& conversion(int key) const;

  std::vector<Frame> frames_;
  std::vector<std::size_t> starts_;  // of each frame in `bytes_`
  std::string bytes_;
  mutable std::vector<std::pair<int, std::unique_ptr<Batch>>> conversions_;
};

}  // namespace hubbub

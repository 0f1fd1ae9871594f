// A cache of compressed frames: those that bring several newcomers of a shard up to date are compressed only once. Keeps at most 8 MiB, and
// forgets the oldest frames first. Used on the shard's thread.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <utility>

#include "net/websocket/deflate.hpp"
#include "protocol/frame.hpp"
#include "runtime/own_thread.hpp"

namespace hubbub::net {

class Deflated {
 public:
  // Returns what deflated() in net/websocket/frame_writer returns.
  Frame of(const Frame& frame, Deflater& deflater, int window_bits);

 private:
  using Key = std::pair<const char*, int>;  // the frame's bytes, which stay in place as long as the frame is kept, and the window
  struct Kept {
    Frame frame, deflated;
    std::size_t weight() const { return frame.weight() + deflated.weight(); }
  };
  static constexpr std::size_t most_kept = 8U << 20U;  // bytes

  [[no_unique_address]] runtime::OwnThread thread_;
  std::map<Key, Kept> kept_;
  std::deque<Key> order_;
  std::size_t weight_ = 0;
};

}  // namespace hubbub::net

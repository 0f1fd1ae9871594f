// The frames that wait for one connection's socket, in order and bounded in bytes. No I/O; belongs to its connection.
//
// The outbox decides what happens when a reader is behind. Of droppable frames with the same `newest_of` only the newest waits.
// Droppable frames are dropped, the oldest first, to make room for frames that must be delivered. If that does not make enough room,
// push() reports an overflow. A frame of which the socket has taken a part is never dropped. A frame counts with its weight, so the
// bound holds for memory however small the frames are. Every operation takes constant time, and allocates only if the outbox is fuller
// than ever before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/frame.hpp"

namespace hubbub::net {

class Outbox {
 public:
  explicit Outbox(std::size_t bound) : bound_(bound) {}

  // Returns false if the frame must be delivered and does not fit, even after all droppable frames are dropped. A droppable frame that
  // does not fit is dropped, and push() returns true. One frame that is larger than the bound may wait besides, and is not counted: so a
  // member can get a large answer that it asked for.
  bool push(const Frame& frame);

  // Counts bytes that wait elsewhere for the same reader, until release(). Returns false, and counts nothing, if they do not fit.
  bool reserve(std::size_t bytes);
  void release() { counted_ -= std::exchange(reserved_, 0); }

  bool empty() const { return order_.first == none; }
  std::size_t counted() const { return counted_; }

  // Whether the socket has taken a part of the first frame.
  bool begun() const { return taken_ != 0; }

  // Fills `pieces` with the bytes that wait, from the front, and returns the number of pieces that it filled.
  std::size_t peek(std::span<std::string_view> pieces) const;

  // Takes that many bytes off the front.
  void take(std::size_t bytes);

  // Drops all frames, except one of which the socket has taken a part.
  void discard();

 private:
  using Index = std::uint32_t;
  static constexpr Index none = ~Index{0};

  // A node is in up to three lists: all frames in order, the droppable frames in order, and the frames of one bucket of `newest_of`.
  struct Links {
    Index before = none;
    Index after = none;
  };
  struct Node {
    std::optional<Frame> frame;
    bool counted = true;
    Links order, droppable, bucket;
  };
  struct List {
    Index first = none;
    Index last = none;
  };

  bool fits(std::size_t size) const { return counted_ + size <= bound_ || counted_ == 0; }
  bool touched(Index index) const { return begun() && index == order_.first; }

  Index append(const Frame& frame, bool counted);
  void remove(Index index);
  Index same_as(std::uint64_t newest_of) const;
  std::size_t bucket_of(std::uint64_t newest_of) const;
  void link(List& list, Links Node::*links, Index index);
  void unlink(List& list, Links Node::*links, Index index);
  void make_nodes();
  void shrink();

  const std::size_t bound_;
  std::size_t counted_ = 0;
  std::size_t reserved_ = 0;  // the part of counted_ that waits elsewhere
  std::size_t taken_ = 0;  // bytes of the first frame that the socket has taken
  std::vector<Node> nodes_;
  std::vector<List> buckets_;  // as many as nodes, a power of two
  Index free_ = none;          // a list through order.after
  List order_;
  List droppable_;
  Index large_ = none;  // the one frame that is larger than the bound
};

}  // namespace hubbub::net

// The frames that one connection has not taken yet, in order and bounded in bytes; no I/O, no thread of its own.
//
// What happens when a reader is behind is decided here: of droppable frames with the same `newest_of` only the newest
// waits; droppable frames go, oldest first, to make room for what must be delivered; when that does not help, push()
// reports an overflow. The frame that the socket has taken a part of is never touched. A frame counts by its weight,
// so that the bound holds for memory however small the frames are. Every operation takes constant time, and
// none allocates once the outbox has been as full as it is.
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

  // False: the frame must be delivered and does not fit, even now that the droppable ones have gone. One frame larger than
  // the bound may wait, too, and is not counted: what a member asked for comes whatever else is on its way. A droppable
  // frame that does not fit is dropped, which is no failure.
  bool push(const Frame& frame);

  // Counts bytes that wait elsewhere for the same reader, until release(). False, and they do not count: they do not fit.
  bool reserve(std::size_t bytes);
  void release() { counted_ -= std::exchange(reserved_, 0); }

  bool empty() const { return order_.first == none; }
  std::size_t counted() const { return counted_; }

  // Whether a part of the first frame has been taken.
  bool begun() const { return taken_ != 0; }

  // Fills `pieces` with what waits, from the front on, and returns how many it filled.
  std::size_t peek(std::span<std::string_view> pieces) const;

  // Takes that many bytes off the front.
  void take(std::size_t bytes);

  // Drops everything but the rest of a frame that was begun.
  void discard();

 private:
  using Index = std::uint32_t;
  static constexpr Index none = ~Index{0};

  // A node is in up to three lists: all frames in order; the droppable ones in order; those whose `newest_of` falls into
  // the same bucket.
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
  std::size_t reserved_ = 0;  // of those, bytes that wait elsewhere
  std::size_t taken_ = 0;  // bytes of the first frame
  std::vector<Node> nodes_;
  std::vector<List> buckets_;  // as many as nodes, a power of two
  Index free_ = none;          // a list through order.after
  List order_;
  List droppable_;
  Index large_ = none;  // the one frame that is larger than the bound
};

}  // namespace hubbub::net

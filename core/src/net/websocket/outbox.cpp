#include "net/websocket/outbox.hpp"

#include <algorithm>

namespace hubbub::net {

bool Outbox::push(const Frame& frame) {
  const auto size = frame.weight();
  const auto& delivery = frame.delivery();
  if (delivery.droppable) {
    // The newer frame goes to the end, not to the place of the older one: frames leave in the order in which they came.
    if (const auto older = same_as(delivery.newest_of); older != none) remove(older);
    if (fits(size)) append(frame, true);
    return true;
  }
  if (size > bound_) {
    if (large_ != none) return false;
    large_ = append(frame, false);
    return true;
  }
  while (!fits(size)) {
    auto oldest = droppable_.first;
    if (oldest != none && touched(oldest)) oldest = nodes_[oldest].droppable.after;
    if (oldest == none) return false;
    remove(oldest);
  }
  append(frame, true);
  return true;
}

bool Outbox::reserve(std::size_t bytes) {
  if (counted_ + bytes > bound_) return false;
  counted_ += bytes;
  reserved_ += bytes;
  return true;
}

std::size_t Outbox::peek(std::span<std::string_view> pieces) const {
  std::size_t count = 0;
  for (auto index = order_.first; index != none && count < pieces.size(); index = nodes_[index].order.after) {
    pieces[count++] = nodes_[index].frame->bytes();
  }
  if (count != 0) pieces[0].remove_prefix(taken_);
  return count;
}

void Outbox::take(std::size_t bytes) {
  taken_ += bytes;
  while (!empty()) {
    const auto size = nodes_[order_.first].frame->bytes().size();
    if (taken_ < size) break;
    taken_ -= size;
    remove(order_.first);
  }
  if (empty()) shrink();
}

void Outbox::discard() {
  while (!empty() && !touched(order_.last)) remove(order_.last);
  if (empty()) shrink();
}

Outbox::Index Outbox::append(const Frame& frame, bool counted) {
  if (free_ == none) make_nodes();
  const auto index = free_;
  auto& node = nodes_[index];
  free_ = node.order.after;
  node.frame = frame;
  node.counted = counted;
  if (counted) counted_ += frame.weight();
  link(order_, &Node::order, index);
  const auto& delivery = frame.delivery();
  if (!delivery.droppable || !counted) return index;
  link(droppable_, &Node::droppable, index);
  if (delivery.newest_of != 0) link(buckets_[bucket_of(delivery.newest_of)], &Node::bucket, index);
  return index;
}

void Outbox::remove(Index index) {
  auto& node = nodes_[index];
  const auto delivery = node.frame->delivery();
  if (node.counted) counted_ -= node.frame->weight();
  unlink(order_, &Node::order, index);
  if (delivery.droppable && node.counted) {
    unlink(droppable_, &Node::droppable, index);
    if (delivery.newest_of != 0) unlink(buckets_[bucket_of(delivery.newest_of)], &Node::bucket, index);
  }
  if (index == large_) large_ = none;
  node.frame.reset();
  node.order.after = free_;
  free_ = index;
}

// The waiting frame that a newer one with this `newest_of` replaces, or none. A frame of which the socket has taken a part stays.
Outbox::Index Outbox::same_as(std::uint64_t newest_of) const {
  if (newest_of == 0 || buckets_.empty()) return none;
  for (auto index = buckets_[bucket_of(newest_of)].first; index != none; index = nodes_[index].bucket.after) {
    if (nodes_[index].frame->delivery().newest_of == newest_of && !touched(index)) return index;
  }
  return none;
}

std::size_t Outbox::bucket_of(std::uint64_t newest_of) const {
  // Multiplied, so that numbers that differ only in their high bits are spread too.
  return (newest_of * 0x9E37'79B9'7F4A'7C15U >> 32U) & (buckets_.size() - 1);
}

void Outbox::link(List& list, Links Node::*links, Index index) {
  nodes_[index].*links = {list.last, none};
  if (list.last == none) {
    list.first = index;
  } else {
    (nodes_[list.last].*links).after = index;
  }
  list.last = index;
}

void Outbox::unlink(List& list, Links Node::*links, Index index) {
  const auto [before, after] = nodes_[index].*links;
  (before == none ? list.first : (nodes_[before].*links).after) = after;
  (after == none ? list.last : (nodes_[after].*links).before) = before;
}

void Outbox::make_nodes() {
  const auto before = nodes_.size();
  nodes_.resize(std::max<std::size_t>(4, 2 * before));
  for (auto index = before; index < nodes_.size(); ++index) {
    nodes_[index].order.after = index + 1 < nodes_.size() ? static_cast<Index>(index + 1) : none;
  }
  free_ = static_cast<Index>(before);
  buckets_.assign(nodes_.size(), List{});
  for (auto index = droppable_.first; index != none; index = nodes_[index].droppable.after) {
    const auto newest_of = nodes_[index].frame->delivery().newest_of;
    if (newest_of != 0) link(buckets_[bucket_of(newest_of)], &Node::bucket, index);
  }
}

// A reader that was slow once does not keep the memory for it.
void Outbox::shrink() {
  constexpr std::size_t kept = 64;
  if (nodes_.size() <= kept) return;
  nodes_ = {};
  buckets_ = {};
  free_ = none;
}

}  // namespace hubbub::net

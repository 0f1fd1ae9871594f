// A queue in one block of memory. It keeps the block when it becomes empty, so adding and removing again and again allocates nothing.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace hubbub::rooms {

template <class T>
class Fifo {
 public:
  bool empty() const { return size() == 0; }
  std::size_t size() const { return items_.size() - dropped_; }

  // The item behind `place` others. There must be one.
  T& operator[](std::size_t place) { return items_[dropped_ + place]; }

  // The front item. There must be one.
  T& front() { return items_[dropped_]; }

  template <class... Parts>
  T& emplace(Parts&&... parts) {
    return items_.emplace_back(std::forward<Parts>(parts)...);
  }

  // Drops the front item. There must be one.
  void pop() {
    if (++dropped_ == items_.size()) {
      items_.clear();
      dropped_ = 0;
    } else if (dropped_ * 2 >= items_.size()) {
      items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(dropped_));
      dropped_ = 0;
    }
  }

 private:
  std::vector<T> items_;
  std::size_t dropped_ = 0;  // items at the front of items_ that are no longer in the queue
};

}  // namespace hubbub::rooms

// A queue in one piece of memory, which it keeps as it becomes empty: what is added and taken again and again costs no allocation.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace hubbub::rooms {

template <class T>
class Fifo {
 public:
  bool empty() const { return size() == 0; }
  std::size_t size() const { return things_.size() - taken_; }

  // The one that so many are in front of.
  T& operator[](std::size_t place) { return things_[taken_ + place]; }

  // The one at the front. There must be one.
  T& front() { return things_[taken_]; }

  template <class... Parts>
  T& emplace(Parts&&... parts) {
    return things_.emplace_back(std::forward<Parts>(parts)...);
  }

  // Drops the one at the front. There must be one.
  void pop() {
    if (++taken_ == things_.size()) {
      things_.clear();
      taken_ = 0;
    } else if (taken_ * 2 >= things_.size()) {
      things_.erase(things_.begin(), things_.begin() + static_cast<std::ptrdiff_t>(taken_));
      taken_ = 0;
    }
  }

 private:
  std::vector<T> things_;
  std::size_t taken_ = 0;  // of them, at the front
};

}  // namespace hubbub::rooms

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

  T& push(T thing) {
    things_.push_back(std::move(thing));
    return things_.back();
  }

  // Takes the one at the front. There must be one.
  T pop() {
    auto thing = std::move(things_[taken_++]);
    if (taken_ * 2 >= things_.size()) {
      things_.erase(things_.begin(), things_.begin() + static_cast<std::ptrdiff_t>(taken_));
      taken_ = 0;
    }
    return thing;
  }

 private:
  std::vector<T> things_;
  std::size_t taken_ = 0;  // of them, at the front
};

}  // namespace hubbub::rooms

// About how many people are in each room: where a newcomer is served best depends on it. Rooms count, any thread asks.
//
// A fixed number of counters, to which rooms are assigned by a hash of their names that nobody outside can work out: two rooms that share one are taken for
// larger than they are, which costs a little speed and nothing else.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <string>

#include "protocol/keyed_hash.hpp"

namespace hubbub::rooms {

class Crowds {
 public:
  void add(const std::string& room) { at(room).fetch_add(1, std::memory_order_relaxed); }
  void remove(const std::string& room) { at(room).fetch_sub(1, std::memory_order_relaxed); }
  std::size_t about(const std::string& room) { return at(room).load(std::memory_order_relaxed); }

 private:
  std::atomic<std::size_t>& at(const std::string& room) {
    return counts_[keyed_hash(key_, room) % counts_.size()];
  }

  const HashKey key_ = HashKey::random();  // apart from the choice of the home
  std::array<std::atomic<std::size_t>, 4096> counts_{};
};

}  // namespace hubbub::rooms

// About how many members each room has, because that decides on which shard a newcomer is served best. Any thread.
//
// There is a fixed number of counters. A hash of a room's name, which nobody outside can predict, chooses the room's counter. Two rooms
// with the same counter seem larger than they are, which costs a little speed and nothing else.
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

  const HashKey key_ = HashKey::random();  // not World::homes, so that the rooms of one shard use all counters
  std::array<std::atomic<std::size_t>, 4096> counts_{};
};

}  // namespace hubbub::rooms

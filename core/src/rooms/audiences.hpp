// The audiences of one room: one for each place where members of the room live. Used on the room's thread.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rooms/audience.hpp"
#include "rooms/world.hpp"

namespace hubbub::rooms {

class Audiences {
 public:
  // `home` is the room's home shard. Both must outlive this object.
  Audiences(World& world, const runtime::Shard& home) : world_(world), home_(home) {}

  // Counts a member that lives in a place. The last one that leaves takes the place's audience with it.
  void enter(std::size_t place) {
    HUBBUB_ASSERT_OWN_THREAD(home_);
    ++entry(place).members;
  }
  void leave(std::size_t place) {
    HUBBUB_ASSERT_OWN_THREAD(home_);
    const auto found = std::ranges::find(by_place_, place, &Entry::place);
    if (--found->members == 0) by_place_.erase(found);
  }

  // The audience of a place where a counted member lives.
  Audience& at(std::size_t place) {
    HUBBUB_ASSERT_OWN_THREAD(home_);
    return *entry(place).audience;
  }

  // Sends a frame to every member that has been let in, in every place.
  void deliver(Frame frame) {
    HUBBUB_ASSERT_OWN_THREAD(home_);
    for (std::size_t i = 0; i + 1 < by_place_.size(); ++i) by_place_[i].audience->deliver(frame);
    if (!by_place_.empty()) by_place_.back().audience->deliver(std::move(frame));  // handed over without touching its reference count
  }

 private:
  struct Entry {
    std::size_t place;
    std::size_t members;
    std::shared_ptr<Audience> audience;
  };

  Entry& entry(std::size_t place) {
    const auto found = std::ranges::find(by_place_, place, &Entry::place);
    if (found != by_place_.end()) return *found;
    return by_place_.emplace_back(place, 0, world_.place(place).audience());
  }

  World& world_;
  const runtime::Shard& home_;
  std::vector<Entry> by_place_;  // only places where members live
};

}  // namespace hubbub::rooms

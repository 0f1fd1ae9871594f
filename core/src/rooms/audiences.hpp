// The audiences of one room, one for each shard on which members of it live. What is asked of them here, on the room's thread,
// they do on their own shards, in the order in which it was asked.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "rooms/audience.hpp"
#include "rooms/world.hpp"

namespace hubbub::rooms {

class Audiences {
 public:
  explicit Audiences(const World& world) : world_(world) {}

  // Somebody who lives there is in the room from now on, and no longer. With the last one goes the audience.
  void enter(std::size_t place) { ++at(place).members; }
  void leave(std::size_t place) {
    const auto its = std::ranges::find(by_place_, place, &Entry::place);
    if (--its->members == 0) by_place_.erase(its);
  }

  // To everybody who has been let in.
  void deliver(Frame frame) {
    for (std::size_t i = 0; i < by_place_.size(); ++i) {
      if (i + 1 != by_place_.size()) {
        ask(by_place_[i], &Audience::deliver, frame);
      } else {
        ask(by_place_[i], &Audience::deliver, std::move(frame));  // where there is no other, nobody counts who has it
      }
    }
  }

  // See Audience. `place` is where the member lives, who has entered.
  void admit(std::size_t place, MemberId member, const std::vector<Frame>& greeting) { ask(at(place), &Audience::admit, member, greeting); }
  void catch_up(std::size_t place, MemberId member, const std::vector<Frame>& page, const runtime::Task& more) {
    ask(at(place), &Audience::catch_up, member, page, more);
  }
  void suspend(std::size_t place, MemberId member) { ask(at(place), &Audience::suspend, member); }
  void send(std::size_t place, MemberId member, const Frame& frame) { ask(at(place), &Audience::send, member, frame); }
  void close(std::size_t place, MemberId member, CloseCode code, const std::string& reason) {
    ask(at(place), &Audience::close, member, code, reason);
  }
  void probe(std::size_t place, MemberId member) { ask(at(place), &Audience::probe, member); }

 private:
  struct Entry {
    std::size_t place;
    std::size_t members;
    std::shared_ptr<Audience> audience;
  };

  Entry& at(std::size_t place) {
    const auto found = std::ranges::find(by_place_, place, &Entry::place);
    if (found != by_place_.end()) return *found;
    const auto& its = world_.places[place];
    return by_place_.emplace_back(place, 0, std::make_shared<Audience>(its.shard, its.seats));
  }

  template <class... Arguments>
  void ask(const Entry& entry, auto what, Arguments&&... arguments) {
    const auto& audience = entry.audience;
    auto& shard = world_.places[entry.place].shard;
    if (shard.is_current()) return std::invoke(what, *audience, std::forward<Arguments>(arguments)...);
    shard.post([audience, what, ... arguments = std::forward<Arguments>(arguments)] { std::invoke(what, *audience, arguments...); });
  }

  const World& world_;
  std::vector<Entry> by_place_;  // where members live
};

}  // namespace hubbub::rooms

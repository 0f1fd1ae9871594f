// The audiences of one room, one for each shard on which members of it live. What is asked of them here, on the room's thread,
// they do on their own shards, in the order in which it was asked.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rooms/audience.hpp"
#include "rooms/world.hpp"

namespace hubbub::rooms {

class Audiences {
 public:
  explicit Audiences(const World& world) : world_(world), by_place_(world.places.size()) {}

  // To everybody who has been let in.
  void deliver(Frame frame) {
    auto last = by_place_.size();  // gets the frame itself: where there is no other, nobody counts who has it
    for (std::size_t place = 0; place < by_place_.size(); ++place) {
      if (!by_place_[place]) continue;
      if (last != by_place_.size()) ask(last, &Audience::deliver, frame);
      last = place;
    }
    if (last != by_place_.size()) ask(last, &Audience::deliver, std::move(frame));
  }

  // See Audience. `place` is where the member lives.
  void admit(std::size_t place, MemberId member, const std::vector<Frame>& greeting) { ask(place, &Audience::admit, member, greeting); }
  void send(std::size_t place, MemberId member, const Frame& frame) { ask(place, &Audience::send, member, frame); }
  void close(std::size_t place, MemberId member, CloseCode code, const std::string& reason) {
    ask(place, &Audience::close, member, code, reason);
  }

 private:
  template <class... Arguments>
  void ask(std::size_t place, auto what, Arguments&&... arguments) {
    auto& audience = by_place_[place];
    const auto& at = world_.places[place];
    if (!audience) audience = std::make_shared<Audience>(at.shard, at.seats);
    if (at.shard.is_current()) return std::invoke(what, *audience, std::forward<Arguments>(arguments)...);
    at.shard.post([audience, what, ... arguments = std::forward<Arguments>(arguments)] { std::invoke(what, *audience, arguments...); });
  }

  const World& world_;
  std::vector<std::shared_ptr<Audience>> by_place_;  // null where no member lives
};

}  // namespace hubbub::rooms

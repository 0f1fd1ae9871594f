// The connections of one shard that are in a room or on their way into one, by member. Used on that shard's thread alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "protocol/sink.hpp"

namespace hubbub::rooms {

class Audience;

// Tells members apart; unique while the server runs, from 1.
using MemberId = std::uint64_t;

struct Seat {
  Sink* sink;
  Audience* audience = nullptr;  // null until the room has let the member in
  std::size_t row = 0;           // its place in the audience
};

class Seats {
 public:
  void take(MemberId member, Sink& sink) { seats_.try_emplace(member, Seat{&sink}); }

  // Gives the seat up, and with it the place in an audience. What is still under way to the member is dropped.
  void leave(MemberId member);

  // Null where the connection has gone.
  Seat* find(MemberId member) {
    const auto found = seats_.find(member);
    return found == seats_.end() ? nullptr : &found->second;
  }

 private:
  std::unordered_map<MemberId, Seat> seats_;  // a seat keeps its address
};

}  // namespace hubbub::rooms

// The connections of one shard that are in a room or on their way into one, by member. Used on that shard's thread alone.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "protocol/sink.hpp"
#include "rooms/by_member.hpp"

namespace hubbub::rooms {

class ShardAudience;

struct Seat {
  MemberId member;
  Sink* sink;
  ShardAudience* audience = nullptr;  // null until the room has let the member in
  std::uint32_t row = 0;         // its place in the audience
  std::uint32_t first = 0;       // frame of the audience's batch that the member has not been given
};

class Seats {
 public:
  // The seat stays where it is until leave().
  void take(Seat& seat) { seats_.add(seat); }

  // Gives the seat up, and with it the place in an audience. What is still under way to the member is dropped.
  void leave(Seat& seat);

  // Null where the connection has gone.
  Seat* find(MemberId member) const { return seats_.find(member); }

  // An empty batch for one turn. A few go round among all audiences, so their memory is at hand.
  std::unique_ptr<Batch> take_batch();
  void give_back(std::unique_ptr<Batch> batch);

 private:
  ByMember<Seat> seats_;
  std::vector<std::unique_ptr<Batch>> batches_;
};

}  // namespace hubbub::rooms

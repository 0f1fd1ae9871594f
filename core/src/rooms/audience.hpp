// The members of one room that live on one shard. The room hands it a frame once, and it writes the frame to each of them.
//
// The room owns it from its home shard; everything below is called on the audience's own shard.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "protocol/frame.hpp"
#include "rooms/seats.hpp"

namespace hubbub::rooms {

class Audience {
 public:
  explicit Audience(Seats& seats) : seats_(seats) {}

  // Lets a member in, after `greeting`: from here on it gets what is delivered. Nothing happens where it has gone.
  void admit(MemberId member, std::span<const Frame> greeting);

  void deliver(const Frame& frame);

  // To one connection of this shard, let in or not.
  void send(MemberId member, const Frame& frame);
  void close(MemberId member, CloseCode code, const std::string& reason);

 private:
  friend class Seats;
  void remove(std::size_t row);

  Seats& seats_;
  std::vector<Seat*> rows_;
};

}  // namespace hubbub::rooms

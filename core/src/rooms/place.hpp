// A place where rooms are at home and where members live, as the shards of this server see it. Each place is a shard of this server (see
// ShardPlace). Another server would be another kind of place. Whatever a room and its members say to each other goes through the two
// interfaces that a place hands out.
#pragma once

#include <memory>

#include "rooms/audience.hpp"
#include "rooms/room_home.hpp"

namespace hubbub::rooms {

class Place {
 public:
  // The rooms that are at home here. For a caller on any shard of this server.
  virtual RoomHome& rooms() = 0;

  // Makes the audience of one room, without members: those who will live here. For a room on the calling thread's shard, which then uses
  // the audience on that thread.
  virtual std::shared_ptr<Audience> audience() = 0;

 protected:
  ~Place() = default;
};

}  // namespace hubbub::rooms

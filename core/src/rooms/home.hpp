// What is shared by all rooms whose home is one shard. Used on that shard's thread alone.
#pragma once

#include <memory>

#include "rooms/feed.hpp"
#include "rooms/room_member.hpp"
#include "rooms/roster.hpp"
#include "rooms/world.hpp"
#include "runtime/shard.hpp"

namespace hubbub::rooms {

// Makes and destroys rooms, and outlives them. A room calls this during a call on the room.
class RoomKeeper {
 public:
  virtual void on_lived_in(Room& room) = 0;  // somebody has come into a room that was empty
  virtual void on_empty(Room& room) = 0;
  virtual void on_idle(Room& room) = 0;  // empty for the time of grace; may be destroyed if it still is_idle()

 protected:
  ~RoomKeeper() = default;
};

// What these rooms share. All of it outlives the rooms.
struct Home {
  runtime::Shard& shard;
  World& world;
  RoomMembers& members;  // each room adds its members here, and removes them
  Feed& feed;
  RoomKeeper& keeper;
  std::shared_ptr<Roster> roster;  // the current one, which a room takes whenever it is opened
};

}  // namespace hubbub::rooms

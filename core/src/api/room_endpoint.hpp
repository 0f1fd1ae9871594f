// GET /api/ws: checks who comes and to which room, and connects the WebSocket to the room. There is one per shard, used on its thread.
#pragma once

#include <cstddef>

#include "net/http/answer.hpp"
#include "net/http/request.hpp"
#include "rooms/room_connection.hpp"

namespace hubbub::api {

class RoomEndpoint {
 public:
  // `place` is the number of this shard in `world.places`. The world outlives it.
  RoomEndpoint(rooms::World& world, std::size_t place) : world_(world), place_(place) {}

  net::Answer answer(const net::Request& request) const;

 private:
  rooms::World& world_;
  std::size_t place_;
};

}  // namespace hubbub::api

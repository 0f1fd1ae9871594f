// GET /api/ws: checks a request to join a room, and connects the WebSocket to the room. One per shard, used on the shard's thread.
#pragma once

#include <cstddef>

#include "net/http/answer.hpp"
#include "net/http/request.hpp"
#include "rooms/room_connection.hpp"
#include "runtime/own_thread.hpp"

namespace hubbub::api {

class RoomEndpoint {
 public:
  // `place` is the number of this shard's place, see World::place. The world outlives it.
  RoomEndpoint(rooms::World& world, std::size_t place) : world_(world), place_(place) {}

  net::Answer answer(const net::Request& request) const;

 private:
  [[no_unique_address]] runtime::OwnThread thread_;
  rooms::World& world_;
  std::size_t place_;
};

}  // namespace hubbub::api

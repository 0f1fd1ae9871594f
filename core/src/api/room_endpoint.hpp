// GET /api/ws: checks who comes and where to, and puts a participant of a room on the WebSocket. One per shard, used on its
// thread.
#pragma once

#include <vector>

#include "net/http.hpp"
#include "rooms/participant.hpp"

namespace hubbub::api {

class RoomEndpoint {
 public:
  // `place` is the number of this shard in `world.places`; `homes` are all shards' hubs. All references outlive it.
  RoomEndpoint(rooms::World& world, std::size_t place, const std::vector<rooms::Home>& homes,
               const config::Websocket& settings)
      : world_(world), place_(place), homes_(homes), settings_(settings) {}

  net::Answer answer(const net::Request& request) const;

 private:
  rooms::World& world_;
  std::size_t place_;
  const std::vector<rooms::Home>& homes_;
  const config::Websocket& settings_;
};

}  // namespace hubbub::api

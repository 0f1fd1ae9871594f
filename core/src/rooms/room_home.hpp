// The shard that is the home of a room, as the room's members reach it: on the same shard or on another one. One caller's calls take
// effect in their order. Answers come through the member's Audience.
//
// Used on the member's shard.
#pragma once

#include <string>

#include "plugins/registry.hpp"
#include "protocol/close_code.hpp"
#include "protocol/envelope.hpp"
#include "protocol/frame.hpp"
#include "rooms/by_member.hpp"
#include "rooms/join_request.hpp"

namespace hubbub::rooms {

class RoomHome {
 public:
  // Joins a room. If the room is full or cannot be opened, the connection is closed and was never a member.
  virtual void join(JoinRequest request) = 0;

  // Passes on a member's message. `route` was found on the member's shard; if the room has other plugins, it finds the route again.
  virtual void receive(MemberId from, plugins::RouteKey route, Envelope&& envelope) = 0;

  // Answers a member's message that was not passed on, in order with the room's own answers.
  virtual void answer(MemberId to, const Refusal& refusal, const std::string& ref) = 0;
  virtual void answer(MemberId to, const Frame& frame) = 0;

  // Closes the member's connection after the answers that are on their way.
  virtual void expel(MemberId member, CloseCode code, const std::string& reason) = 0;
  virtual void leave(MemberId member) = 0;

  // Whether a plugin's call has hung there for long, so that calls may never take effect.
  virtual bool hangs() const = 0;

 protected:
  ~RoomHome() = default;
};

}  // namespace hubbub::rooms

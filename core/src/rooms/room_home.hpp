// The home of rooms, as their members reach it, wherever it is: on the same shard or on another one. What one caller asks for is done
// in the order of the calls; nothing is answered here, but through the member's Audience.
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
  // If the room is full or cannot be had, the connection is closed and was never a member.
  virtual void join(JoinRequest request) = 0;

  // What a member says. `route` was found where the member is, and is looked for again if the plugins here are others.
  virtual void receive(MemberId from, plugins::RouteKey route, Envelope&& envelope) = 0;

  // Tells the member, in its place among the room's answers, what became of a message that did not get as far as the room.
  virtual void answer(MemberId to, const Refusal& refusal, const std::string& ref) = 0;
  virtual void answer(MemberId to, const Frame& frame) = 0;

  // Closes the connection after the answers that are on their way.
  virtual void expel(MemberId member, CloseCode code, const std::string& reason) = 0;
  virtual void leave(MemberId member) = 0;

  // Whether it may never do what it is asked for: a plugin has not returned there for long.
  virtual bool hangs() const = 0;

 protected:
  ~RoomHome() = default;
};

}  // namespace hubbub::rooms

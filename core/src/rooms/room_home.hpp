// The home of rooms, as their members and guests reach it: on the same shard or on another one. One caller's calls take effect in their
// order. Answers to a member come through its Audience.
//
// Used on the shard of the member or guest.
#pragma once

#include <memory>
#include <string>

#include "plugins/registry.hpp"
#include "protocol/close_code.hpp"
#include "protocol/envelope.hpp"
#include "protocol/frame.hpp"
#include "rooms/by_member.hpp"
#include "rooms/join_request.hpp"
#include "rooms/outcome.hpp"
#include "rooms/sender.hpp"

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

  // Passes a guest's message to a room, which is made if there is none. `tell` is called once, now or later, on any thread. See Guest.
  virtual void say(const std::string& room, const std::shared_ptr<Sender>& guest, Envelope&& message, Tell tell) = 0;

  // Whether a plugin's call has hung there for long, so that calls may never take effect.
  virtual bool hangs() const = 0;

 protected:
  ~RoomHome() = default;
};

}  // namespace hubbub::rooms

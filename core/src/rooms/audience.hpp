// The members of one room in one place, as the room reaches them, wherever they are: on its own shard or on another one. What it asks
// for is done there in the order of the calls.
//
// Used on the room's thread.
#pragma once

#include <string>
#include <vector>

#include "protocol/close_code.hpp"
#include "protocol/frame.hpp"
#include "rooms/by_member.hpp"
#include "runtime/shard.hpp"

namespace hubbub::rooms {

class Audience {
 public:
  virtual ~Audience() = default;

  // Brings up to date a connection that has not been let in. `more` is called there when it has room for more (see Sink).
  virtual void catch_up(MemberId member, const std::vector<Frame>& page, const runtime::Task& more) = 0;

  // Lets a member in, after `greeting`: from here on it gets what is delivered. Nothing happens if it has gone.
  virtual void admit(MemberId member, const std::vector<Frame>& greeting) = 0;

  // A member that was let in gets nothing more that is delivered, until it is let in again.
  virtual void suspend(MemberId member) = 0;

  // To everybody who has been let in.
  virtual void deliver(Frame frame) = 0;

  // To one connection, let in or not, in its order among what is delivered.
  virtual void send(MemberId member, const Frame& frame) = 0;
  virtual void close(MemberId member, CloseCode code, const std::string& reason) = 0;
  virtual void probe(MemberId member) = 0;
};

}  // namespace hubbub::rooms

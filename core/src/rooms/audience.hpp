// The members of one room that live on one shard, as the room reaches them: on its own shard or on another one. Calls take effect
// there in their order.
//
// The room uses it on its own thread. The implementation for the room's shard, ShardAudience, is also what FarAudience calls on another
// shard's thread.
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

  // Hands a page to a member that is on the way in. `more` is called on the member's shard when there is room for more (see Sink).
  virtual void catch_up(MemberId member, const std::vector<Frame>& page, const runtime::Task& more) = 0;

  // Hands `greeting` to a member and lets it in: from then on it gets what is delivered. Does nothing if the member has gone.
  virtual void admit(MemberId member, const std::vector<Frame>& greeting) = 0;

  // Stops delivering to a member that was let in, until it is let in again.
  virtual void suspend(MemberId member) = 0;

  // Sends a frame to every member that has been let in.
  virtual void deliver(Frame frame) = 0;

  // These concern one member, whether it has been let in or not. send() and close() keep their place among what is delivered. For probe()
  // see Sink.
  virtual void send(MemberId member, const Frame& frame) = 0;
  virtual void close(MemberId member, CloseCode code, const std::string& reason) = 0;
  virtual void probe(MemberId member) = 0;
};

}  // namespace hubbub::rooms

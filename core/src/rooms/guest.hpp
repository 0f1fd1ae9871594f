// Says something in a room for somebody who has no connection to it, and so is not a member: an HTTP API, a service, another server. A
// guest's messages are treated as a member's messages are, and the guest is told the outcome of each.
//
// Belongs to one shard, and is used and destroyed on its thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "protocol/envelope.hpp"
#include "rooms/outcome.hpp"
#include "rooms/sender.hpp"
#include "rooms/world.hpp"

namespace hubbub::rooms {

class Guest {
 public:
  // `who` has an id of at most 64 bytes and a nickname of at most 256; its `connection` is replaced. The world and `shard` must outlive
  // the guest.
  Guest(World& world, runtime::Shard& shard, std::string room, Member who);

  // Messages that were said are still heard, but no outcome is told any more.
  ~Guest();
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;

  // Says something in the room, which is made if there is none. `content` must be of the kind that parse_envelope() returns. `tell` is called
  // once, now or later, on the guest's thread, also if the message is lost in a fault of the room. If the message has a `ref` (JSON text), the
  // guest may say it again, and it is logged once. The room knows a guest's refs as long as the guest lives.
  void say(Envelope message, Tell tell);

 private:
  class TellOnce;

  World& world_;
  runtime::Shard& shard_;
  const std::string room_;
  std::shared_ptr<Sender> sender_;                // used on the room's thread alone
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);  // used on the guest's thread alone
};

}  // namespace hubbub::rooms

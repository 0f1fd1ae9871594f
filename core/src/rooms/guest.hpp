// Says things in one room for somebody who has no connection to it, and so is no member: an HTTP API, a service, another server. What a
// guest says takes the way that a member's messages take, and the guest learns of each what became of it.
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
  // `who` has an id of at most 64 bytes and a nickname of at most 256; a `connection` is given to it. The world and `shard` outlive it.
  Guest(World& world, runtime::Shard& shard, std::string room, Member who);

  // What has been said is still heard, but nothing is told any more.
  ~Guest();
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;

  // Says something in the room, which is opened if need be. `tell` is called once, now or later, on the guest's thread. With a `ref`, as
  // JSON text, the guest may say the same again, and it is logged once; a guest knows its refs as long as it lives.
  void say(Envelope message, Tell tell);

 private:
  World& world_;
  runtime::Shard& shard_;
  const std::string room_;
  std::shared_ptr<Sender> sender_;                // used by the room alone
  std::shared_ptr<bool> lives_ = std::make_shared<bool>(true);  // used here alone
};

}  // namespace hubbub::rooms

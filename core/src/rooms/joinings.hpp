// The members of one room that are on their way in, and what only they need. Most of the time nobody is on the way into a room. Then the
// room has no such object.
//
// Lives on the room's thread.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "rooms/by_member.hpp"
#include "rooms/joining.hpp"
#include "rooms/pages.hpp"
#include "runtime/shard.hpp"

namespace hubbub::rooms {

struct Joinings {
  // Null if the member is not on the way in.
  Joining* find(MemberId id) {
    const auto found = all.find(id);
    return found == all.end() ? nullptr : &found->second;
  }

  std::map<MemberId, Joining> all;
  std::vector<MemberId> to_begin_anew;  // members that cannot come in as planned, until the end of the turn
  Pages pages;
  std::weak_ptr<const void> call;   // lives while the room's output waits for what some of them lack, see Door::call_next()
  bool greets_later = false;        // `greeter` is armed
  std::unique_ptr<runtime::Timer> greeter;   // greets the members whose greeting has to wait
};

}  // namespace hubbub::rooms

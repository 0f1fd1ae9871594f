// The members of one room that are on their way in, and what is there for them alone. Most rooms have nobody on the way in most of the
// time, and then have none of this.
//
// Lives on the room's thread.
#pragma once

#include <cstddef>
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
    const auto found = by_member.find(id);
    return found == by_member.end() ? nullptr : &found->second;
  }

  bool is_needed() const { return !by_member.empty() || reading != 0; }

  std::map<MemberId, Joining> by_member;
  std::vector<MemberId> again;      // members that cannot come in as they were to, and begin anew at the end of the turn
  Pages pages;
  std::size_t reading = 0;          // pages that are being read
  bool greets_later = false;        // the greeter will go off
  std::unique_ptr<runtime::Timer> greeter;   // of those whose greeting had to wait
};

}  // namespace hubbub::rooms

// Those who are on the way into a room, and what is there for them alone. Most rooms have nobody on the way most of the time, and
// then none of this.
//
// Lives on the room's thread.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <vector>

#include "rooms/arrival.hpp"
#include "rooms/by_member.hpp"
#include "rooms/pages.hpp"
#include "runtime/shard.hpp"

namespace hubbub::rooms {

struct Arrivals {
  // Null if the member is not on the way in.
  Arrival* find(MemberId member) {
    const auto found = by_member.find(member);
    return found == by_member.end() ? nullptr : &found->second;
  }

  bool is_needed() const { return !by_member.empty() || reading != 0; }

  std::map<MemberId, Arrival> by_member;
  std::vector<MemberId> again;      // who cannot come in as they were to, and begin anew at the end of the turn
  Pages pages;
  std::size_t reading = 0;          // pages that are being read
  bool greets_later = false;        // the greeter will go off
  std::unique_ptr<runtime::Timer> greeter;   // of those whose greeting had to wait
};

}  // namespace hubbub::rooms

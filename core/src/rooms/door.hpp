// Those who are on the way into a room, and what is there for them alone. Most rooms have nobody on the way most of the time, and
// then no door.
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

struct Door {
  // Null if the member is not on the way in.
  Arrival* find(MemberId member) {
    const auto found = arriving.find(member);
    return found == arriving.end() ? nullptr : &found->second;
  }

  // As they came. Any of them may be gone when it is their turn.
  std::vector<MemberId> members() const {
    std::vector<MemberId> all;
    for (const auto& [member, arrival] : arriving) all.push_back(member);
    return all;
  }

  bool is_needed() const { return !arriving.empty() || reading != 0; }

  std::map<MemberId, Arrival> arriving;
  Pages pages;
  std::size_t reading = 0;          // pages that are being read
  bool greets_later = false;        // the greeter will go off
  std::unique_ptr<runtime::Timer> greeter;   // of those whose greeting had to wait
};

}  // namespace hubbub::rooms

// How large the states of one room's plugins are, as they were when a snapshot was last made. A plugin whose state is larger than
// plugins.limits.state allows is full in this room, until it is not: what would be logged for it is refused, but now and then one
// message of a type is tried, and taken if the state is no larger after it.
//
// Lives on the room's thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "plugins/registry.hpp"
#include "protocol/error.hpp"
#include "runtime/shard.hpp"

namespace hubbub::rooms {

class StateSizes {
 public:
  // All of them outlive it. `room` is for the log.
  StateSizes(const runtime::Shard& shard, const plugins::Registry& registry, const std::string& room);

  // The state of a plugin has so many bytes as JSON text. What this means for the plugin is logged once.
  void measured(std::size_t plugin, std::size_t bytes);

  bool is_full(std::size_t plugin) const;
  std::size_t size(std::size_t plugin) const;  // of one that is full

  // How long until a message of this type may be tried with a plugin that is full; zero: now.
  std::chrono::milliseconds wait(std::size_t plugin, const std::string& type) const;

  // One was, and the state was no larger after it, or was. The next one of its type waits ten times as long as that took, with the
  // snapshot that is made if it is taken; and twice as long each time that the state was larger.
  void tried(std::size_t plugin, const std::string& type, std::chrono::nanoseconds took, bool fits);

  // What the sender of a message is told that may not be tried, or was tried in vain.
  Refusal refusal(std::size_t plugin, const std::string& type) const;

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Trial {
    std::string type;
    Time next;
    std::chrono::milliseconds wait;
  };
  struct Large {
    std::size_t plugin;
    std::size_t bytes;
    std::vector<Trial> trials;  // one for each type
  };

  const Large* find(std::size_t plugin) const;
  std::size_t limit() const { return registry_.limits().state; }
  const std::string& name(std::size_t plugin) const { return registry_.plugins()[plugin].name(); }

  const runtime::Shard& shard_;
  const plugins::Registry& registry_;
  const std::string& room_;
  std::vector<Large> large_;  // those that are at four fifths of the limit
};

}  // namespace hubbub::rooms

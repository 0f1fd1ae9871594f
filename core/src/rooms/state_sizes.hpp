// The sizes of the states of one room's plugins, as of the last snapshot. While a plugin's state is larger than plugins.limits.state,
// the plugin is full in this room: messages that would be logged for it are refused. Now and then one message of a type is tried, and
// accepted if the state is no larger after it.
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
  // All of these outlive the object. `room` is the name for the server's log.
  StateSizes(const runtime::Shard& shard, const plugins::Registry& registry, const std::string& room);

  // The state of a plugin has `bytes` as JSON text. Logs once that the plugin is nearly full, is full, or is no longer full.
  void measured(std::size_t plugin, std::size_t bytes);

  bool is_full(std::size_t plugin) const;
  std::size_t size(std::size_t plugin) const;  // of a plugin that is full

  // How long until a message of this type may be tried with a plugin that is full; zero if it may be tried now.
  std::chrono::milliseconds wait(std::size_t plugin, const std::string& type) const;

  // A message was tried, and it `fits` if the state did not become larger. The trial `took` this long, including the snapshot that an
  // accepted message makes. The next message of the same type waits ten times as long. If the message did not fit, the wait also doubles.
  void tried(std::size_t plugin, const std::string& type, std::chrono::nanoseconds took, bool fits);

  // The refusal of a message that may not be tried yet, or did not fit.
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
  std::vector<Large> large_;  // plugins whose state is larger than four fifths of the limit
  [[no_unique_address]] runtime::OwnThread thread_;
};

}  // namespace hubbub::rooms

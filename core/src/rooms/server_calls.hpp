// What plugins do for the whole server rather than in a room (see on_server in hubbub/plugin.hpp), each at its times.
//
// Belongs to one shard and is used on its thread alone, but may be made and destroyed while that does not run.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "plugins/registry.hpp"
#include "runtime/shard.hpp"
#include "rooms/world.hpp"

namespace hubbub::rooms {

class ServerCalls {
 public:
  ServerCalls(runtime::Shard& shard, const World& world) : shard_(shard), world_(world) {}

  // Calls these plugins now and from now on, and those before no longer.
  void use(std::shared_ptr<const plugins::Registry> registry);

  void stop() {
    HUBBUB_ASSERT_OWN_THREAD(shard_);
    timers_.clear();
  }

 private:
  void call(std::size_t plugin);
  std::chrono::milliseconds outcome(const plugins::LoadedPlugin& plugin) const;

  runtime::Shard& shard_;
  const World& world_;
  std::shared_ptr<const plugins::Registry> registry_;
  std::vector<std::unique_ptr<runtime::Timer>> timers_;  // by plugin; null for one that has nothing to do
};

}  // namespace hubbub::rooms

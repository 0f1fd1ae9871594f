// Calls the plugins' on_server (see hubbub/plugin.hpp), which works for the whole server rather than for a room. Each plugin says when
// it is to be called next.
//
// Belongs to one shard and is used on that shard's thread alone. May be made and destroyed while the shard does not run.
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

  // Calls these plugins from now on, for the first time at once, and no longer the previous ones.
  void use(std::shared_ptr<const plugins::Registry> registry);

  void stop() {
    HUBBUB_ASSERT_OWN_THREAD(shard_);
    timers_.clear();
  }

 private:
  void call(std::size_t plugin);
  std::chrono::milliseconds wait_after_calling(const plugins::LoadedPlugin& plugin) const;

  runtime::Shard& shard_;
  const World& world_;
  std::shared_ptr<const plugins::Registry> registry_;
  std::vector<std::unique_ptr<runtime::Timer>> timers_;  // by plugin; null if the plugin has no on_server
};

}  // namespace hubbub::rooms

// The plugins of one shard's rooms, and where it is counted what each of them takes: found once for all of these rooms. When the
// config is read again, another roster takes its place.
//
// Used on its shard's thread alone, but may be made and destroyed while that does not run.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "plugins/registry.hpp"
#include "rooms/figures.hpp"
#include "runtime/shard.hpp"
#include "rooms/world.hpp"

namespace hubbub::rooms {

class Roster {
 public:
  struct Account {
    Counter* ns = nullptr;  // spent in the plugin
    SlowCalls* slow = nullptr;
  };

  Roster(std::shared_ptr<const plugins::Registry> registry, const runtime::Shard& shard, const World& world)
      : registry_(std::move(registry)), shard_(shard), world_(world), accounts_(registry_->plugins().size()) {}

  const plugins::Registry& registry() const { return *registry_; }

  Account& account(std::size_t plugin) {
    auto& its = accounts_[plugin];
    if (!its.ns) {
      const auto& name = registry_->plugins()[plugin].name();
      its = {&world_.figures_of(shard_).ns[name], &(*world_.slow)[name]};
    }
    return its;
  }

 private:
  const std::shared_ptr<const plugins::Registry> registry_;
  const runtime::Shard& shard_;
  const World& world_;
  std::vector<Account> accounts_;  // of the plugins, in their order; found when they are first asked for
};

}  // namespace hubbub::rooms

// The plugins of one shard's rooms, with each plugin's counters, which are found once for all of these rooms. When the configuration is
// read again, another roster replaces this one.
//
// Used on its shard's thread alone, but may be made and destroyed while that thread does not run.
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
    Remarks* remarks = nullptr;
  };

  Roster(std::shared_ptr<const plugins::Registry> registry, const runtime::Shard& shard, const World& world)
      : registry_(std::move(registry)), shard_(shard), world_(world), accounts_(registry_->plugins().size()) {}

  const plugins::Registry& registry() const { return *registry_; }

  Account& account(std::size_t plugin) {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    auto& account = accounts_[plugin];
    if (!account.ns) {
      const auto& name = registry_->plugins()[plugin].name();
      account = {&world_.figures_of(shard_).ns[name], &(*world_.remarks)[name]};
    }
    return account;
  }

 private:
  const std::shared_ptr<const plugins::Registry> registry_;
  const runtime::Shard& shard_;
  const World& world_;
  std::vector<Account> accounts_;  // by plugin; each is found when it is first asked for
  [[no_unique_address]] runtime::OwnThread thread_;
};

}  // namespace hubbub::rooms

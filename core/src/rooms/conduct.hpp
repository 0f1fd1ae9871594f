// How the plugins of one room behave: a call that takes too long is warned about, and a plugin of which too many calls fail is
// switched off for a while, in this room alone, for the reason may be what somebody sends here; then it is tried again.
//
// Lives on the room's thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "plugins/registry.hpp"
#include "rooms/figures.hpp"
#include "rooms/shard.hpp"

namespace hubbub::rooms {

class Conduct {
 public:
  // Tries a plugin again, which is on already. False where it cannot be had back yet: it is off for as long once more.
  using Again = std::function<bool(std::size_t plugin)>;

  Conduct(Shard& shard, const plugins::Registry& registry, Figures& figures, ByPlugin<SlowCalls>& slow, const std::string& room, Again again);

  // The room is being opened from here on: what the plugins' calls take is added up, and warned about as one, which has taken so long
  // in all, when it `is_open`. `source` says what it came from.
  void opens();
  void is_open(std::chrono::nanoseconds took, const std::string& source);

  // A plugin is out here, see Fold: said once.
  void is_out(std::size_t plugin, const std::string& why);

  // A call is over. Of all rooms' warnings, a plugin gets one a minute.
  void took(std::size_t plugin, const char* call, std::chrono::nanoseconds time);

  // A call failed, and that was logged.
  void failed(std::size_t plugin);

  // How long a plugin is off from now; zero: it is on.
  std::chrono::milliseconds off_for(std::size_t plugin) const;

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Record {
    std::deque<Time> faults;  // the latest, at most as many as switch it off
    Time off_until = {};  // of one that is off
    std::unique_ptr<Timer> timer;
    bool is_known_to_be_out = false;
  };

  void switch_off(std::size_t plugin, const std::string& why);
  void try_again(std::size_t plugin);
  const std::string& name(std::size_t plugin) const { return registry_.plugins()[plugin].name(); }

  Shard& shard_;
  const plugins::Registry& registry_;
  const config::PluginLimits& limits_;
  struct Account {
    Counter* ns;  // spent in the plugin
    SlowCalls* slow;
  };
  std::vector<Account> accounts_;  // of the plugins, in their order
  const std::string& room_;
  Again again_;
  std::map<std::size_t, Record> records_;  // of those that ever failed
  std::vector<std::chrono::nanoseconds> opening_;  // spent in each since opens(); empty otherwise
};

}  // namespace hubbub::rooms

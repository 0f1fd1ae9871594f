// How the plugins of one room behave: a call that takes too long is warned about, and a plugin of which too many calls fail is
// switched off for a while, in this room alone, for the reason may be what somebody sends here; then it is tried again.
//
// Lives on the room's thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "rooms/roster.hpp"
#include "runtime/shard.hpp"

namespace hubbub::rooms {

class Conduct {
 public:
  // The room whose plugins they are.
  class Owner {
   public:
    // Tries a plugin again, which is on already. False where it cannot be had back yet: it is off for as long once more.
    virtual bool renew(std::size_t plugin) = 0;

   protected:
    ~Owner() = default;
  };

  // All of them outlive it. `room` is for the log.
  Conduct(runtime::Shard& shard, Roster& roster, Owner& owner, const std::string& room);

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
    std::size_t plugin;
    std::deque<Time> faults = {};  // the latest, at most as many as switch it off
    Time off_until = {};  // of one that is off
    std::unique_ptr<runtime::Timer> timer = {};
    bool is_known_to_be_out = false;
  };

  Record& record_of(std::size_t plugin);
  void switch_off(std::size_t plugin, const std::string& why);
  void try_again(std::size_t plugin);
  const std::string& name(std::size_t plugin) const { return roster_.registry().plugins()[plugin].name(); }
  const config::PluginLimits& limits() const { return roster_.registry().limits(); }

  runtime::Shard& shard_;
  Roster& roster_;
  Owner& owner_;
  const std::string& room_;
  std::vector<Record> records_;  // of those that ever failed
  std::vector<std::chrono::nanoseconds> opening_;  // spent in each since opens(); empty otherwise
};

}  // namespace hubbub::rooms

// Watches how the plugins of one room behave. It warns of calls that take too long. A plugin of which too many calls fail is switched
// off for a while, in this room alone (the cause may be what somebody sends here), and is then tried again.
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
  // The room that has the plugins.
  class Owner {
   public:
    // Tries a plugin again, which counts as on during the call. Returns false if the plugin cannot be restored yet; it then stays off
    // for another full period.
    virtual bool renew(std::size_t plugin) = 0;

   protected:
    ~Owner() = default;
  };

  // All of these outlive the object. `room` is the name for the server's log.
  Conduct(runtime::Shard& shard, Roster& roster, Owner& owner, const std::string& room);

  // The room is being opened from opens() until is_open(). Meanwhile the times of the plugins' calls are added up. `took` is how long the
  // whole opening took; is_open() gives one warning if that was too long. `source` says what the state was read from.
  void opens();
  void is_open(std::chrono::nanoseconds took, const std::string& source);

  // A plugin is out here, see Fold. Logged once.
  void is_out(std::size_t plugin, const std::string& why);

  // A call has ended. Warns of slow calls at most once a minute for each plugin, in all rooms together.
  void took(std::size_t plugin, const char* call, std::chrono::nanoseconds time);

  // A call has failed, and the caller has logged that.
  void failed(std::size_t plugin);

  // How long a plugin stays off, from now; zero if it is on.
  std::chrono::milliseconds off_for(std::size_t plugin) const;

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Record {
    std::size_t plugin;
    std::deque<Time> faults = {};  // the latest, at most as many as switch the plugin off
    Time off_until = {};  // zero if the plugin is on
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
  std::vector<Record> records_;  // of plugins that have failed or been out
  std::vector<std::chrono::nanoseconds> opening_;  // spent in each plugin since opens(); empty if the room is not being opened
  [[no_unique_address]] runtime::OwnThread thread_;
};

}  // namespace hubbub::rooms

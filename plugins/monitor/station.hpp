// The one place in the process that measures, for all rooms: they may be many, and each tells the same.
//
// Any thread may use it.
#pragma once

#include <hubbub/plugin.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "machine.hpp"

namespace monitor {

struct Settings {
  std::chrono::milliseconds interval;  // between two measurements
  std::chrono::milliseconds history;   // how long they are kept
  std::string disk;                    // a path on the file system that is watched
};

class Station {
 public:
  // Measures. `now` is the time of day in ms. Returns the time until it should measure again.
  std::chrono::milliseconds measure(const Settings& settings, std::int64_t now, const hubbub::ServerFigures& server);

  // The newest measurement as `system_metrics` has it; null if there is none, or only one from before a long pause.
  hubbub::Json latest(const Settings& settings, std::int64_t now);

  // The time until there should be another one.
  std::chrono::milliseconds until_next(const Settings& settings, std::int64_t now);

  // The last minutes as `metrics_history` has them, a list for each figure.
  hubbub::Json history(const Settings& settings, std::int64_t now);

  // Who is in which room of the server, as `connected` has it. What is younger than half the interval is told again.
  hubbub::Json connected(const Settings& settings, const hubbub::Room& room);

  // The connections that have asked for figures, each in its room. They outlive the plugin's objects, which come and go with what
  // befalls a room.
  void add_watcher(const std::string& room, std::uint64_t connection);
  void remove_watcher(const std::string& room, std::uint64_t connection);
  std::set<std::uint64_t> take_watchers(const std::string& room);  // which has none afterwards
  bool has_watchers_in(const std::string& room);

 private:
  static constexpr std::array<std::string_view, 16> names = {
      "ts",       "cpu",  "memory",   "disk",       "network",     "received",   "sent",          "load1",
      "load5",    "load15", "connections", "rooms", "messages", "deliveries", "server_cpu", "server_memory"};
  using Sample = std::array<double, names.size()>;  // in the order of the names

  Sample compare(const Machine& machine, const hubbub::ServerFigures& server, std::int64_t now) const;
  hubbub::Json plugin_times(const hubbub::ServerFigures& server, double seconds) const;
  void forget(const Settings& settings, std::int64_t now);

  std::mutex mutex_;
  std::int64_t measured_ = 0;  // when; 0: never
  std::int64_t next_ = 0;      // when it should measure again
  Machine machine_;
  hubbub::ServerFigures server_;
  hubbub::Json latest_;
  std::deque<Sample> samples_;
  std::int64_t looked_ = 0;  // when for who is where
  hubbub::Json connected_;

  std::mutex watchers_mutex_;  // rooms ask for them all the time, and must not wait until the machine has been measured
  std::set<std::pair<std::string, std::uint64_t>> watchers_;
};

}  // namespace monitor

// Measures once for all rooms of the process, because all rooms send the same figures.
//
// Any thread may use it.
#pragma once

#include <hubbub/plugin.hpp>
#include <hubbub/server_view.hpp>

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
  std::chrono::milliseconds history;   // how long measurements are kept
  std::string disk;                    // a path on the file system to measure
};

class Station {
 public:
  // Measures. `now` is in ms since 1970. Returns the time until the next measurement is due.
  std::chrono::milliseconds measure(const Settings& settings, std::int64_t now, const hubbub::ServerFigures& server);

  // The newest measurement, as the content of `system_metrics`; null if there is none or it is too old.
  hubbub::Json latest(const Settings& settings, std::int64_t now);

  // The time until the next measurement is due.
  std::chrono::milliseconds until_next(const Settings& settings, std::int64_t now);

  // The measurements of the last minutes, as the content of `metrics_history`: a list for each figure.
  hubbub::Json history(const Settings& settings, std::int64_t now);

  // Who is in which room of the server, as the content of `connected`. Looked up again after half the interval.
  hubbub::Json connected(const Settings& settings, hubbub::Room& room);

  // The connections that have asked for figures, by room. They are kept here, because the plugin's objects may be replaced while
  // their rooms go on.
  void add_watcher(const std::string& room, std::uint64_t connection);
  void remove_watcher(const std::string& room, std::uint64_t connection);
  std::set<std::uint64_t> take_watchers(const std::string& room);  // returns and removes all watchers of a room
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
  std::int64_t measured_ = 0;  // the time of the last measurement; 0: never
  std::int64_t next_ = 0;      // the time at which the next measurement is due
  Machine machine_;
  hubbub::ServerFigures server_;
  hubbub::Json latest_;
  std::deque<Sample> samples_;
  std::int64_t looked_ = 0;  // the time at which connected_ was made
  hubbub::Json connected_;

  std::mutex watchers_mutex_;  // a mutex of its own: rooms ask for watchers often, and must not wait for a measurement
  std::set<std::pair<std::string, std::uint64_t>> watchers_;
};

}  // namespace monitor

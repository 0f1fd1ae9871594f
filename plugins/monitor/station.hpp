// The one place in the process that measures, for all rooms: they may be many, and each tells the same.
//
// Any thread may use it. It measures only when it is asked, so it costs nothing while nobody watches.
#pragma once

#include <hubbub/plugin.hpp>

#include <array>
#include <chrono>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>

#include "machine.hpp"

namespace monitor {

struct Settings {
  std::chrono::milliseconds interval;  // between two measurements
  std::chrono::milliseconds history;   // how long they are kept
  std::string disk;                    // a path on the file system that is watched
};

class Station {
 public:
  // What is measured, as `system_metrics` has it; nothing where there is no earlier measurement to compare with (then this
  // one is: ask again). One that is younger than half the interval is told again. `now` is the time of day in ms.
  hubbub::Json metrics(const Settings& settings, std::int64_t now, const hubbub::ServerFigures& server);

  // Who is in which room of the server, as `connected` has it. What is younger than half the interval is told again.
  hubbub::Json connected(const Settings& settings, const hubbub::Room& room);

  // The last minutes as `metrics_history` has them, a list for each figure.
  hubbub::Json history(const Settings& settings, std::int64_t now);

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
  Machine machine_;
  hubbub::ServerFigures server_;
  hubbub::Json latest_;
  std::deque<Sample> samples_;
  std::int64_t looked_ = 0;  // when for who is where
  hubbub::Json connected_;
};

}  // namespace monitor

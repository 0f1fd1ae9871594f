// Watches the calls on plugins from its own thread, and reports those that do not return: in the log, at once and then less and less
// often, and by hanging_calls(). It cannot end such a call: no thread can be made to leave a plugin.
//
// A process may have several watchdogs, one for each server in it. They share one thread and the least patience, so that each call is
// logged once, and each watchdog is told of all calls in the process. Any thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hubbub::plugins {

// A call that has not returned.
struct HangingCall {
  std::string plugin, room, name, type;  // the room and the type may be empty
  std::chrono::steady_clock::duration time{};  // since the watchdog first saw the call
};

// The hanging calls of the whole process. Any thread.
std::vector<HangingCall> hanging_calls();

class Watchdog {
 public:
  // A call hangs if it takes longer than `patience`.
  explicit Watchdog(std::chrono::milliseconds patience);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // lower_patience() never makes it longer.
  void set_patience(std::chrono::milliseconds patience);
  void lower_patience(std::chrono::milliseconds patience);

  // Calls `on_hang` on the watchdog's thread whenever a further thread hangs. After tell(nullptr) has returned, it is not called any
  // more.
  void tell(std::function<void()> on_hang);

 private:
  class Looker;

  std::chrono::milliseconds patience_;  // guarded by the looker's mutex
  std::function<void()> on_hang_;       // likewise
  const std::shared_ptr<Looker> looker_;  // shared by all watchdogs of the process
};

}  // namespace hubbub::plugins

// Looks from a thread of its own at the calls on plugins, and tells of those that do not return: in the log at once and then less
// and less often, and to whoever asks. It changes nothing about them: no thread can be made to leave a plugin.
//
// A process may have several, one for each server in it: they share the thread and the least patience, so that each call is told of
// once, and each is told of every call of the process. Any thread.
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
  std::chrono::steady_clock::duration time{};  // since it was noticed first
};

// Those of the whole process. Any thread.
std::vector<HangingCall> hanging_calls();

class Watchdog {
 public:
  // A call hangs that takes longer than `patience`.
  explicit Watchdog(std::chrono::milliseconds patience);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // The second never makes it longer.
  void set_patience(std::chrono::milliseconds patience);
  void lower_patience(std::chrono::milliseconds patience);

  // `on_hang` is called on the watchdog's thread whenever more threads hang than before. Null, and it is called no more once this
  // returns.
  void tell(std::function<void()> on_hang);

 private:
  class Looker;

  std::chrono::milliseconds patience_;  // this and the next under the looker's mutex
  std::function<void()> on_hang_;
  const std::shared_ptr<Looker> looker_;  // of all watchdogs of the process
};

}  // namespace hubbub::plugins

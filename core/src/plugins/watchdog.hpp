// Looks from a thread of its own at the calls on plugins, and tells of those that do not return: in the log at once and then less
// and less often, and to whoever asks. It changes nothing about them: no thread can be made to leave a plugin.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
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

  // Both for any thread. The second never makes it longer.
  void set_patience(std::chrono::milliseconds patience) { patience_ = patience; }
  void lower_patience(std::chrono::milliseconds patience) { patience_ = std::min(patience_.load(), patience); }

  // Is told on the watchdog's thread that more threads hang than before. Null, and nobody is told any more once this returns.
  void tell(std::function<void()> on_hang);

 private:
  void run();
  void look();

  std::atomic<std::chrono::milliseconds> patience_;
  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stop_ = false;             // under the mutex
  std::function<void()> on_hang_;  // likewise
  std::thread thread_;
};

}  // namespace hubbub::plugins

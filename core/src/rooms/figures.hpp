// What the rooms of a server hold and have done: counted where it happens, on any thread, and read by any.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace hubbub::rooms {

// Alone in its cache line, so that threads which count different things do not wait for each other.
class alignas(64) Counter {
 public:
  void add(std::uint64_t n) { value_.fetch_add(n, std::memory_order_relaxed); }
  void subtract(std::uint64_t n) { value_.fetch_sub(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

// Something that may be said only so often, however many threads have it to say.
class Occasional {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Whether it may be said now; then not again within `interval`.
  bool is_due(Time now, std::chrono::steady_clock::duration interval) {
    auto next = next_.load(std::memory_order_relaxed);
    return now >= next && next_.compare_exchange_strong(next, now + interval, std::memory_order_relaxed);
  }

 private:
  std::atomic<Time> next_ = Time::min();
};

struct Figures {
  Counter members;     // now, of all rooms
  Counter rooms;       // now in memory
  Counter messages;    // that were accepted
  Counter deliveries;  // of those, and of what the rooms say themselves: one for each member that gets it

  struct Plugin {
    Counter ns;          // spent in it
    Counter slow;        // calls that took longer than they may
    Occasional warning;  // about those
  };
  // Those of the plugin of that name, whatever build of it. They stay where they are.
  Plugin& plugin(const std::string& name) {
    const std::lock_guard lock{mutex_};
    return plugins_[name];
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Plugin> plugins_;
};

}  // namespace hubbub::rooms

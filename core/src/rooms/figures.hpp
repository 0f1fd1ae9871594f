// What the rooms of a server hold and have done: counted where it happens, on any thread, and read by any.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

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

struct Figures {
  explicit Figures(std::size_t plugins) : plugin_ns(plugins) {}

  Counter members;     // now, of all rooms
  Counter rooms;       // now in memory
  Counter messages;    // that were accepted
  Counter deliveries;  // of those, and of what the rooms say themselves: one for each member that gets it
  std::vector<Counter> plugin_ns;  // spent in each plugin, by its place in the registry
};

// Counts the time until it is destroyed.
class Stopwatch {
 public:
  explicit Stopwatch(Counter& ns) : ns_(ns) {}
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;
  ~Stopwatch() {
    ns_.add(static_cast<std::uint64_t>(std::chrono::nanoseconds{Clock::now() - began_}.count()));
  }

 private:
  using Clock = std::chrono::steady_clock;
  Counter& ns_;
  const Clock::time_point began_ = Clock::now();
};

}  // namespace hubbub::rooms

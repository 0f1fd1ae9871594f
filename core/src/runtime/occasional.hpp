// Bounds how often something is said, by all threads together. Any thread may call it.
#pragma once

#include <atomic>
#include <chrono>

namespace hubbub::runtime {

class Occasional {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Returns true if it may be said now; then it may not be said again within `interval`.
  bool is_due(Time now, std::chrono::steady_clock::duration interval) {
    auto next = next_.load(std::memory_order_relaxed);
    return now >= next && next_.compare_exchange_strong(next, now + interval, std::memory_order_relaxed);
  }

  // For what a stranger can cause as often as they like: returns true at most once a minute.
  bool is_due() { return is_due(std::chrono::steady_clock::now(), std::chrono::minutes{1}); }

 private:
  std::atomic<Time> next_ = Time::min();
};

}  // namespace hubbub::runtime

// What the rooms hold and have done: counted by each shard for those whose home it is, and read by any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace hubbub::rooms {

// A number that one thread changes and others read. So it takes no locked addition, which would have each message wait until
// all that it wrote before has left the processor's core.
class Counter {
 public:
  void add(std::uint64_t n) { value_.store(value() + n, std::memory_order_relaxed); }
  void subtract(std::uint64_t n) { value_.store(value() - n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

// Of each plugin by its name, whatever build of it. What is found stays where it is. Any thread.
template <class T>
class ByPlugin {
 public:
  T& operator[](const std::string& name) {
    const std::lock_guard lock{mutex_};
    return things_[name];
  }

 private:
  std::mutex mutex_;
  std::map<std::string, T> things_;
};

// Those of one shard; alone in their cache lines, so that no two shards wait for each other.
struct alignas(64) Figures {
  Counter members;     // now, of all rooms
  Counter rooms;       // now in memory
  Counter empty;       // of them, with nobody in them
  std::atomic<std::uint64_t> to_close = 0;  // of these, as many as other shards have asked for
  Counter messages;    // that were accepted
  Counter deliveries;  // of those, and of what the rooms say themselves: one for each member that gets it
  ByPlugin<Counter> ns;  // spent in it
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

// A plugin's calls that took longer than they may, in all rooms.
struct SlowCalls {
  std::atomic<std::uint64_t> count = 0;
  Occasional warning;  // about them
  Occasional opening_warning;  // about rooms that take long to open because of it
};

}  // namespace hubbub::rooms

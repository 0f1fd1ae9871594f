// Figures about the rooms. Each shard counts for the rooms whose home it is; any thread may read.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "runtime/occasional.hpp"

namespace hubbub::rooms {

// A number that one thread changes and any thread reads. It needs no locked addition, which would make each message wait until all
// earlier writes have left the processor's core.
class Counter {
 public:
  void add(std::uint64_t n) { value_.store(value() + n, std::memory_order_relaxed); }
  void subtract(std::uint64_t n) { value_.store(value() - n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

// One T for each plugin, by the plugin's name; all its builds share it. References stay valid. Any thread.
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

// The figures of one shard, in cache lines of their own, so that no two shards wait for each other.
struct alignas(64) Figures {
  Counter members;     // current members of all rooms
  Counter rooms;       // rooms in memory
  Counter empty;       // rooms in memory with nobody in them
  std::atomic<std::uint64_t> to_close = 0;  // how many empty rooms other shards have asked this shard to close
  Counter messages;    // accepted messages
  Counter deliveries;  // of accepted messages and of the rooms' own: one for each member that gets it
  ByPlugin<Counter> ns;  // nanoseconds spent in each plugin
};

// What the server's log tells of a plugin, about all rooms together.
struct Remarks {
  std::atomic<std::uint64_t> slow_calls = 0;  // that took longer than allowed
  runtime::Occasional slow;     // bounds the lines about such calls,
  runtime::Occasional opening;  // about rooms that take long to open because of the plugin,
  runtime::Occasional refused;  // and about messages of the plugin's own that were refused
};

}  // namespace hubbub::rooms

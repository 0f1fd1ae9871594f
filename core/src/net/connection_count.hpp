// Counts the connections of the whole server against their limit: each connection holds a Slot as long as it lives.
//
// Shared by all shards; any thread may call it. The count outlives every slot. One slot is used by one thread at a time.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <utility>

namespace hubbub::net {

class ConnectionCount {
 public:
  // The right to one connection. Gives it back when destroyed; an empty slot has none to give back.
  class Slot {
   public:
    Slot() = default;
    Slot(Slot&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
    Slot& operator=(Slot&& other) noexcept {
      std::swap(count_, other.count_);
      return *this;
    }
    ~Slot() {
      if (count_) count_->release();
    }

   private:
    friend class ConnectionCount;
    explicit Slot(ConnectionCount& count) : count_(&count) {}
    ConnectionCount* count_ = nullptr;
  };

  // Any number of slots of one count, in the memory of two words.
  class Slots {
   public:
    Slots() = default;
    Slots(const Slots&) = delete;
    Slots& operator=(const Slots&) = delete;
    ~Slots() {
      while (held_ != 0) take();
    }

    void put(Slot slot) {
      count_ = std::exchange(slot.count_, nullptr);
      ++held_;
    }
    // Must hold at least one.
    Slot take() {
      --held_;
      return Slot{*count_};
    }

   private:
    ConnectionCount* count_ = nullptr;  // valid if held_ is not 0
    std::size_t held_ = 0;
  };

  explicit ConnectionCount(std::size_t limit) : limit_(limit) {}

  // Returns nothing if the server is full.
  std::optional<Slot> take();

  std::size_t live() const { return live_.load(std::memory_order_relaxed); }

  // Waits until there is no connection left, at most until `deadline`. Returns whether there is none.
  bool wait_until_none(std::chrono::steady_clock::time_point deadline);

 private:
  void release();

  const std::size_t limit_;
  std::atomic<std::size_t> live_ = 0;
  std::mutex mutex_;
  std::condition_variable none_;
};

}  // namespace hubbub::net

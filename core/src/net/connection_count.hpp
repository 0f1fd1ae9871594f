// Counts the connections of the whole server against their limit: each connection holds a Place as long as it lives.
//
// Shared by all shards; any thread. It outlives every place.
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
  class Place {
   public:
    Place() = default;
    Place(Place&& other) noexcept : count_(std::exchange(other.count_, nullptr)) {}
    Place& operator=(Place&& other) noexcept {
      std::swap(count_, other.count_);
      return *this;
    }
    ~Place() {
      if (count_) count_->release();
    }

   private:
    friend class ConnectionCount;
    explicit Place(ConnectionCount& count) : count_(&count) {}
    ConnectionCount* count_ = nullptr;
  };

  // Any number of places, in the memory of a few.
  class Places {
   public:
    Places() = default;
    Places(const Places&) = delete;
    Places& operator=(const Places&) = delete;
    ~Places() {
      while (held_ != 0) take();
    }

    void put(Place place) {
      count_ = std::exchange(place.count_, nullptr);
      ++held_;
    }
    // Must hold at least one.
    Place take() {
      --held_;
      return Place{*count_};
    }

   private:
    ConnectionCount* count_ = nullptr;  // valid if held_ is not 0
    std::size_t held_ = 0;
  };

  explicit ConnectionCount(std::size_t limit) : limit_(limit) {}

  // Returns nothing if the server is full.
  std::optional<Place> take();

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

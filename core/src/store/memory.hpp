// Logs in memory. They are kept while their rooms are closed, and lost when the process ends.
#pragma once

#include <atomic>
#include <cstddef>
#include <limits>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "protocol/keyed_hash.hpp"
#include "store/log.hpp"
#include "store/outage.hpp"
#include "store/recording.hpp"

namespace hubbub::store {

class MemoryStore final : public Store {
 public:
  // Keeps at most `rooms` logs that are not in use, and at most `size` bytes of messages in all logs. The log that has been unused
  // for longest is dropped first. If the logs in use take the whole size, appends fail. Must outlive the logs it hands out.
  MemoryStore(Retention retention, std::size_t rooms, std::size_t size = std::numeric_limits<std::size_t>::max())
      : retention_(retention), rooms_(rooms), size_(size) {}

  std::shared_ptr<Log> log(const std::string& room, Post post) override;
  void drain() override {}

  // Makes `recording` the log of a room, and drops the room's previous log. That log must not be in use.
  void begin(const std::string& room, Recording recording);

  // Called by the logs, on any thread, to reserve memory for a message, and to release it. take() drops unused logs to make
  // space. It returns false if there still is none, unless `in_any_case`: then it always reserves.
  bool take(std::size_t bytes, bool in_any_case = false);
  void give_back(std::size_t bytes) { used_ -= bytes; }

 private:
  struct Kept {
    std::unique_ptr<Log> log;
    std::weak_ptr<Log> in_use;                              // the handle given out by log(); expired: not in use
    std::optional<std::list<std::string>::iterator> place;  // in `unused_`
  };

  void release(const std::string& room);
  void forget_longest_unused();

  Retention retention_;
  const std::size_t rooms_;
  const std::size_t size_;
  std::atomic<std::size_t> used_ = 0;  // bytes
  std::mutex mutex_;
  Outage full_;
  std::unordered_map<std::string, Kept, KeyedHash> by_room_;
  std::list<std::string> unused_;  // rooms; the most recently released is at the front
};

}  // namespace hubbub::store

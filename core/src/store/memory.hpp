// Logs in memory: they outlive their rooms' being empty, and end with the process.
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
  // Keeps the logs of at most `rooms` rooms beside those in use, and of all logs at most `size` bytes of messages; the one unused
  // longest is forgotten first. If those in use have the whole size, nothing more is appended. Outlives the logs that it hands out.
  MemoryStore(Retention retention, std::size_t rooms, std::size_t size = std::numeric_limits<std::size_t>::max())
      : retention_(retention), rooms_(rooms), size_(size) {}

  std::shared_ptr<Log> log(const std::string& room, Post post) override;
  void drain() override {}

  // Makes `recording` the log of a room, which is not in use, in place of what there was.
  void begin(const std::string& room, Recording recording);

  // For its logs, on any thread: room for a message of so many bytes, which others make that nobody uses; and the room given back.
  // False if there is none, unless it is needed in any case.
  bool take(std::size_t bytes, bool in_any_case = false);
  void give_back(std::size_t bytes) { used_ -= bytes; }

 private:
  struct Kept {
    std::unique_ptr<Log> log;
    std::weak_ptr<Log> in_use;                              // what was handed out
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
  std::list<std::string> unused_;  // rooms, the one left last at the front
};

}  // namespace hubbub::store

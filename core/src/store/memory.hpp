// Logs in memory: they outlive their rooms' being empty, and end with the process.
#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "protocol/keyed_hash.hpp"
#include "store/log.hpp"
#include "store/recording.hpp"

namespace hubbub::store {

class MemoryStore final : public Store {
 public:
  // Keeps the logs of at most `rooms` rooms beside those in use; the one unused longest is forgotten first. Outlives the
  // logs that it hands out.
  MemoryStore(Retention retention, std::size_t rooms) : retention_(retention), rooms_(rooms) {}

  std::shared_ptr<Log> log(const std::string& room, Post post) override;
  void drain() override {}

  // Makes `recording` the log of a room, which is not in use, in place of what there was.
  void begin(const std::string& room, Recording recording);

 private:
  struct Kept {
    std::unique_ptr<Log> log;
    std::weak_ptr<Log> in_use;                              // what was handed out
    std::optional<std::list<std::string>::iterator> place;  // in `unused_`
  };

  void release(const std::string& room);

  Retention retention_;
  std::size_t rooms_;
  std::mutex mutex_;
  std::unordered_map<std::string, Kept, KeyedHash> by_room_;
  std::list<std::string> unused_;  // rooms, the one left last at the front
};

}  // namespace hubbub::store

// The ordered log of one room, and where logs are kept: the same face for every store.
//
// A log belongs to its room and is used on the room's thread. What takes time answers through a callback: at once, before
// the call returns, or later on the room's thread; the callbacks of one log come in the order of their calls.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/frame.hpp"

namespace hubbub::store {

// One accepted message as the log keeps it: the very bytes that its room's members got, and who made it.
struct Record {
  std::uint64_t seq = 0;
  std::string plugin;   // the plugin that accepted it, and that plugin's version
  std::string version;
  std::string sender;   // with `ref`, what a repetition is known by; `ref` is JSON text, and empty where there was none
  std::string ref;
  Frame frame;
};

// The state of a room's plugins after the entry `seq`, as JSON text.
struct Snapshot {
  std::uint64_t seq = 0;
  std::string state;
};

// What a room needs to know to begin: its log's life, its last position, and its newest snapshot where there is one.
struct Opening {
  std::string epoch;
  std::uint64_t last = 0;
  std::optional<Snapshot> snapshot;
};

enum class Append { committed, unavailable };

struct Reading {
  enum class Result { whole, trimmed, unavailable };  // trimmed: the log no longer reaches back that far
  Result result = Result::unavailable;
  std::vector<Record> records;  // with `whole`, every one that was asked for, in order
};

class Log {
 public:
  virtual ~Log() = default;

  // Nothing where the store cannot be read now.
  virtual void open(std::function<void(std::optional<Opening>)> done) = 0;

  // Appends `record`, whose seq must follow the last committed one; otherwise, and where it cannot be stored, the answer
  // is `unavailable` and the log is as it was.
  virtual void append(Record record, std::function<void(Append)> done) = 0;

  // The records after `after` up to and with `through`, which must have been handed to append() before.
  virtual void read(std::uint64_t after, std::uint64_t through, std::function<void(Reading)> done) = 0;

  // The committed record that `sender` sent with `ref`, where the log still holds it. Answers without waiting.
  virtual std::optional<Record> find(std::string_view sender, std::string_view ref) const = 0;

  // Keeps the newest snapshot. It may be lost in a crash; the log holds what it stands for until it is kept.
  virtual void put(Snapshot snapshot) = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  // The log of a room, made where there was none. Any thread may call it; one room's log is in one place at a time.
  virtual std::shared_ptr<Log> log(const std::string& room) = 0;
};

}  // namespace hubbub::store

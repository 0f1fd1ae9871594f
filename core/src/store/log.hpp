// The ordered log of one room, and where logs are kept: the same face for every store.
//
// A log belongs to its room and is used on the room's thread. What takes time answers through a callback: at once, before
// the call returns, or later on the room's thread. The answers to one log's append() come in the order of the calls, and so do
// those to open() and read(). Between the two kinds there is no order: nothing that is written waits for what is read.
// What is read is answered as it is after everything that was handed to append() and put() before.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/frame.hpp"
#include "protocol/repetition.hpp"
#include "runtime/own_thread.hpp"

namespace hubbub::store {

// Runs a task on a room's thread; for any thread.
using Post = std::function<void(std::function<void()>)>;

// One accepted message as the log keeps it: the very bytes that its room's members got, and who made it.
struct Record {
  std::uint64_t seq = 0;
  std::int64_t ts = 0;  // when, in ms since 1970
  std::string plugin;   // the plugin that accepted it, and that plugin's version
  std::string version;
  Repetition repetition;
  Frame frame;
};

// The state of a room's plugins after the entry `seq`, as JSON text.
struct Snapshot {
  std::uint64_t seq = 0;
  std::string state;
};

// How much of a log is kept at most, beyond what its newest snapshot does not cover.
struct Retention {
  std::size_t messages = 10'000;
  std::size_t bytes = 64U << 20;                       // of the messages as they were sent
  std::chrono::milliseconds age = std::chrono::hours{24 * 30};
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
  std::vector<Record> records;  // with `whole`, in order: every one that was asked for, or as many as may be told at once
};

class Log {
 public:
  virtual ~Log() = default;

  // Whether append() always answers before it returns.
  virtual bool answers_at_once() const { return false; }

  // Nothing where the store cannot be read now.
  virtual void open(std::function<void(std::optional<Opening>)> done) = 0;

  // Appends `record`, whose seq must follow the last committed one; otherwise, and where it cannot be stored, the answer
  // is `unavailable` and the log is as it was.
  virtual void append(const Record& record, std::function<void(Append)> done) = 0;

  // The records after `after` up to and with `through`, which must have been handed to append() before; no more of them than
  // weigh `most` together (see Frame), but one at least. Where they are for somebody who is gone before they are read, the
  // answer is `unavailable`.
  using Reader = std::optional<std::weak_ptr<const void>>;
  virtual void read(std::uint64_t after, std::uint64_t through, std::function<void(Reading)> done, Reader reader = {},
                    std::size_t most = ~std::size_t{0}) = 0;

  // Makes find() know what the client of this number said before the log was opened; false where that cannot be read now.
  virtual void recall(std::uint64_t client, std::function<void(bool)> done) = 0;

  // The seq of the committed record whose Repetition has this `ref`, if it was appended since the log was opened or its client
  // was recalled. Answers without waiting, and so may name one that is being forgotten: read() tells.
  virtual std::optional<std::uint64_t> find(std::uint64_t ref) const = 0;

  // Keeps the newest snapshot, of a seq that is committed, and forgets what it covers and the retention no longer asks for.
  // It may be lost in a crash; the log holds what it stands for until it is kept.
  virtual void put(Snapshot snapshot) = 0;

  // The next thread that uses the log is its thread from then on.
  void hand_over() { thread_.hand_over(); }

 protected:
  [[no_unique_address]] runtime::OwnThread thread_;
};

class Store {
 public:
  virtual ~Store() = default;

  // The log of a room, made where there was none, which answers through `post` where it does not at once. Any thread may
  // call it; one room's log is in one place at a time.
  virtual std::shared_ptr<Log> log(const std::string& room, Post post) = 0;

  // Waits until everything that was asked for has been done, and its answers have been posted. Any thread but a room's.
  virtual void drain() = 0;
};

}  // namespace hubbub::store

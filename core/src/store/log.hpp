// The interface of every store: the ordered log of one room, and the store that keeps the logs.
//
// A log belongs to its room and is used on the room's thread. Slow operations answer through a callback: before the call
// returns, or later on the room's thread. Answers to append() come in the order of the calls. There is no other order: a write never
// waits for a read. A read sees everything that was passed to append() before it; open() also sees what was passed to put().
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

// Posts a task to a room's thread. Any thread may call it.
using Post = std::function<void(std::function<void()>)>;

// One accepted message as the log keeps it: the exact bytes that the room's members got, and the plugin that accepted it.
struct Record {
  std::uint64_t seq = 0;
  std::int64_t ts = 0;  // ms since 1970
  std::string plugin;   // the plugin that accepted it
  std::string version;  // of that plugin
  Repetition repetition;
  Frame frame;
};

// The state of a room's plugins after the record `seq`, as JSON text.
struct Snapshot {
  std::uint64_t seq = 0;
  std::string state;
};

// How much of a log is kept. Records that the newest snapshot does not cover are always kept.
struct Retention {
  std::size_t messages = 10'000;
  std::size_t bytes = 64U << 20;                       // of the messages as they were sent
  std::chrono::milliseconds age = std::chrono::hours{24 * 30};
};

// What a room needs to start: the log's epoch, its last seq (0 if it is empty), and its newest snapshot, if any.
struct Opening {
  std::string epoch;
  std::uint64_t last = 0;
  std::optional<Snapshot> snapshot;
};

enum class Append { committed, unavailable };

struct Reading {
  enum class Result { whole, trimmed, unavailable };  // trimmed: the log no longer reaches back that far
  Result result = Result::unavailable;
  std::vector<Record> records;  // only with `whole`: the records asked for, in order, or as many of the first as `most` allows
};

class Log {
 public:
  virtual ~Log() = default;

  // Answers with nothing if the store cannot be read at the moment.
  virtual void open(std::function<void(std::optional<Opening>)> done) = 0;

  // Appends `record`. The log must have been opened. The record's seq must be the one after the last committed record's; if not, or if the
  // record cannot be stored, the answer is `unavailable` and the log is unchanged. The store reads `record` neither after the call has
  // returned nor after it has answered.
  virtual void append(const Record& record, std::function<void(Append)> done) = 0;

  // Reads the records from `after` + 1 to `through`, which must have been passed to append() before. Stops before the total
  // weight (see Frame) exceeds `most` bytes, but reads at least one record. If `reader` has expired before the read, the answer
  // is `unavailable`.
  using Reader = std::optional<std::weak_ptr<const void>>;
  virtual void read(std::uint64_t after, std::uint64_t through, std::function<void(Reading)> done, Reader reader = {},
                    std::size_t most = ~std::size_t{0}) = 0;

  // Loads this client's refs from before the log was opened, for find(). Answers false if they cannot be read at the moment.
  virtual void recall(std::uint64_t client, std::function<void(bool)> done) = 0;

  // The seq of the committed record whose Repetition has this `ref`, if the record was appended since the log was opened or its client was
  // recalled. Answers without waiting, so the store may be trimming the record at this moment; then read() answers `trimmed`.
  virtual std::optional<std::uint64_t> find(std::uint64_t ref) const = 0;

  // Stores the newest snapshot, whose seq must be committed, then trims the records that it covers and the retention does not
  // keep. A crash may lose the snapshot; the records are not trimmed before it is stored.
  virtual void put(Snapshot snapshot) = 0;

  // The next thread that uses the log is its thread from then on.
  void hand_over() { thread_.hand_over(); }

 protected:
  [[no_unique_address]] runtime::OwnThread thread_;
};

class Store {
 public:
  virtual ~Store() = default;

  // The log of a room; created if there is none. Answers that come later are run through `post`. Any thread may call it, but
  // only one thread at a time may use the log of one room.
  virtual std::shared_ptr<Log> log(const std::string& room, Post post) = 0;

  // Blocks until all calls so far are done and their answers are posted, except calls of turns that have not ended. Any thread but a
  // shard's.
  virtual void drain() = 0;
};

}  // namespace hubbub::store

// Logs in one SQLite file (WAL), with a commit log in front of it. What was committed survives the end of the process, however it ends;
// with Synchronous::full it also survives a power cut.
//
// One shard commits (see Committer): everything that has come in a turn is one write, and only then is it answered. Under load many
// messages share a commit; when the store is idle a message waits for nothing. If a write fails, all its messages are answered
// `unavailable`, and the next ones are tried as usual. Another shard puts what is committed into the file (see Writer). A third one
// reads it (see Reader), over its own connection, a little for one room after the other.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "store/log.hpp"

namespace hubbub::store {

enum class Synchronous {
  normal,  // survives the end of the process
  full,    // also survives a power cut: one fsync per commit
};

struct SqliteOptions {
  std::filesystem::path file;
  Synchronous synchronous = Synchronous::normal;
  Retention retention;
  std::size_t size = 0;  // the largest size of the file in bytes; a full file stores nothing more. 0: no limit but the disk's
  std::chrono::milliseconds between_sweeps = std::chrono::minutes{10};  // sweeps remove messages that have become too old
  std::chrono::milliseconds proof = std::chrono::seconds{5};  // how long the file must have worked until an outage is over
};

class Committer;
class Reader;
class Writer;

class SqliteStore final : public Store {
 public:
  // Opens or creates the file, and starts the threads. Throws std::runtime_error, which says what is wrong with the file and
  // what to do.
  explicit SqliteStore(SqliteOptions options);

  // Finishes everything that was asked for, then closes the file. Answers that were posted may still run. The logs must have
  // been destroyed before.
  ~SqliteStore() override;

  std::shared_ptr<Log> log(const std::string& room, Post post) override;
  void drain() override;

 private:
  std::unique_ptr<Writer> writer_;  // outlives the reader, whose connection must close first
  std::unique_ptr<Reader> reader_;
  std::unique_ptr<Committer> committer_;
};

}  // namespace hubbub::store

// Logs in one SQLite file (WAL): what was committed outlives the process, however it ends; with Synchronous::full the
// machine, too.
//
// One thread writes. It takes everything that has queued up, puts it into one transaction, commits it, and only then answers:
// under load many messages share a commit, and when it is idle a message waits for nobody. Where a transaction fails,
// everything in it is answered `unavailable`, the file is as it was, and the next one is tried as if nothing had been.
// Another thread reads, over a connection of its own, one room after the other and each only a little at a time.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "store/log.hpp"

namespace hubbub::store {

enum class Synchronous {
  normal,  // survives the end of the process
  full,    // survives a power cut: an fsync a transaction
};

struct SqliteOptions {
  std::filesystem::path file;
  Synchronous synchronous = Synchronous::normal;
  Retention retention;
  std::size_t size = 0;  // bytes that the file may have; 0: as many as the disk has. Then nothing more is stored, and what is stays
  std::chrono::milliseconds between_sweeps = std::chrono::minutes{10};  // for messages that have become too old
  std::chrono::milliseconds proof = std::chrono::seconds{5};  // for so long the file must have worked, or an outage goes on
};

class Reader;
class Writer;

class SqliteStore final : public Store {
 public:
  // Opens the file, or makes it, and starts the thread. Throws std::runtime_error with what is wrong with the file and
  // what to do.
  explicit SqliteStore(SqliteOptions options);

  // Does what was asked for before, and closes the file. What `post` was given by then may still run. The logs have gone.
  ~SqliteStore() override;

  std::shared_ptr<Log> log(const std::string& room, Post post) override;
  void drain() override;

 private:
  std::unique_ptr<Reader> reader_;  // outlives the writer, which tells it what is written
  std::unique_ptr<Writer> writer_;
};

}  // namespace hubbub::store

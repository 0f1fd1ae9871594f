// The shard that commits records: what came in one turn becomes one group of the commit log, and is then answered in order. So what a
// turn of a room's shard appends is committed together and leaves together, and a group wakes each thread once. If a group cannot be
// written, all its records are answered `unavailable`, and the next group is tried as usual.
//
// After some seconds or some megabytes, the writer is told to put everything that is committed into the tables. If it falls far behind,
// records wait to be committed; if it fails for so long that too much has piled up, they are refused.
//
// Any thread may add; the Committer outlives the logs.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>

#include "runtime/io_shard.hpp"
#include "store/commit_log.hpp"
#include "store/outage.hpp"
#include "store/shelf.hpp"
#include "store/sqlite_store.hpp"

namespace hubbub::store {

class Writer;

// One call of Log::append.
class Add {
 public:
  Add(std::shared_ptr<Shelf> its_shelf, Record its_record, std::function<void(Append)> done)
      : shelf(std::move(its_shelf)), record(std::move(its_record)), done_(std::move(done)) {}

  // The bytes that it takes in the tables, at most: SQLite may leave half of a page empty.
  std::size_t size() const { return 2 * record.frame.payload().size() + record.plugin.size() + record.version.size() + 128; }

  void answer();  // on the room's thread

  const std::shared_ptr<Shelf> shelf;
  const Record record;
  bool holds = false;  // whether it was committed

 private:
  std::function<void(Append)> done_;
};

class Committer {
 public:
  Committer(const SqliteOptions& options, CommitLog log, Writer& writer);

  // Commits all records first, and tells the writer of them.
  ~Committer();

  void add(std::shared_ptr<Add> add);

  // Runs `task` on the committer's thread when the records so far are committed and answered.
  void then(runtime::Task task);

  void drain();  // blocks until all records so far are committed, and all tasks of then() have run

 private:
  using Adds = std::list<std::shared_ptr<Add>>;

  void collect();
  void end_turn();
  Adds next_group();
  void wait();
  static bool follows(const Add& add);
  void commit(const Adds& group);
  static void answer(Adds group);
  void tell_writer();
  void on_time();
  void complain(const char* what);
  void look_at_outage();

  const SqliteOptions options_;
  Writer& writer_;
  runtime::IoShard shard_{"store"};

  // Used on the shard's thread.
  CommitLog log_;
  Adds adds_;                       // of this turn,
  std::list<runtime::Task> tasks_;  // and what follows them
  bool collecting_ = false;
  bool waits_ = false;       // for the writer
  Shelves listed_;           // with committed records of which the writer was not told,
  std::size_t untold_ = 0;   // of this size
  Outage outage_;
  std::unique_ptr<runtime::Timer> tells_, waits_over_, outage_over_;

  // For the log line at the end.
  std::uint64_t count_ = 0;    // records
  std::uint64_t groups_ = 0;
  std::uint64_t largest_ = 0;  // records in one group
};

}  // namespace hubbub::store

// The thread that writes to the store's file, and its queue.
//
// It takes all jobs that have queued up, does them in one transaction, commits it, and then answers them in order. If the
// transaction fails, all its jobs fail, the file is unchanged, and the next batch is tried as usual.
// A part of the file's bound is reserved for snapshots: the records that a snapshot covers can be removed, so a full file does
// not stay full. Records beyond the retention are removed whenever their room stores a snapshot, and by a sweep that goes
// through all rooms from time to time, a few at once.
// Any thread may add jobs; the Writer outlives them all.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "protocol/keyed_hash.hpp"
#include "store/database_file.hpp"
#include "store/outage.hpp"
#include "store/shelf.hpp"
#include "store/sqlite_store.hpp"
#include "store/tables.hpp"

namespace hubbub::store {

// One call on a log that writes.
class Job {
 public:
  explicit Job(std::shared_ptr<Shelf> its_shelf) : shelf(std::move(its_shelf)) {}
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;
  virtual ~Job() = default;

  // Called on the writer's thread, within the transaction. Returns false if the job cannot be done.
  virtual bool write(Tables&) = 0;

  // Whether the job may use the part of the file that is reserved for snapshots.
  virtual bool may_use_reserve() const { return false; }

  // Calls the caller back, on the room's thread, after the commit.
  virtual void answer() = 0;

  const std::shared_ptr<Shelf> shelf;
  bool holds = false;  // whether it was committed
};
using Jobs = std::vector<std::unique_ptr<Job>>;

class Writer {
 public:
  // Opens the file and starts the thread, which calls `written` after each batch. Throws std::runtime_error as
  // open_database() does.
  Writer(SqliteOptions options, std::function<void()> written);

  // Finishes all jobs first.
  ~Writer();

  void add(std::unique_ptr<Job> job);
  void drain();  // blocks until all jobs are done
  std::shared_ptr<Shelf> shelf(const std::string& room, Post post);
  const Retention& retention() const { return options_.retention; }

 private:
  void run();
  void process(Jobs& batch);
  void write(Jobs& batch);
  void write_together(std::span<const std::unique_ptr<Job>> jobs);
  void fail(std::span<const std::unique_ptr<Job>> jobs);
  void answer(Jobs& batch);
  void sweep();
  void undo();
  void learn(Shelf& shelf);
  void complain(const char* what);
  bool has_its_size(const std::exception& error);

  const SqliteOptions options_;
  const std::function<void()> written_;
  FileLock lock_;
  Tables tables_;
  std::int64_t pages_ = 0;    // the largest number of pages that the file may have; 0: no limit
  std::int64_t reserve_ = 0;  // how many of them are reserved for snapshots

  std::mutex mutex_;
  std::condition_variable changed_;
  Jobs queue_;
  std::unordered_map<std::string, std::weak_ptr<Shelf>, KeyedHash> shelves_;  // by room
  std::size_t worth_a_look_ = 100;  // how many shelves there must be before the expired ones are removed
  bool working_ = false;
  bool stopping_ = false;

  std::chrono::steady_clock::time_point next_sweep_ = std::chrono::steady_clock::now();
  std::int64_t swept_ = 0;  // the id of the last room that this sweep has looked at
  Outage outage_{options_.proof};

  // For the log line at the end.
  std::uint64_t committed_ = 0;  // writes
  std::uint64_t transactions_ = 0;
  std::uint64_t largest_ = 0;    // writes in one transaction
  std::thread thread_;
};

}  // namespace hubbub::store

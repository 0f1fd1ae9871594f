// The shard that writes to the store's file: it puts into the tables what was committed (see Committer), and the rooms' snapshots.
//
// What is committed gets into the tables in one transaction, which is synced; then the commit log's segments are removed. If the transaction
// fails, the file is unchanged, and the writer tries again until it works. If the file does not take one room's records, that room takes no
// more until the next start, and all others go on. The snapshots of one turn share a transaction, too, with their rooms' records.
// A part of the file's bound is reserved for snapshots: the records that a snapshot covers can be removed, so a full file does not stay
// full. Records beyond the retention are removed whenever their room stores a snapshot, and by a sweep that goes through all rooms
// from time to time, a few at once.
//
// Any thread may use it; the Writer outlives the logs and the Committer.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "protocol/keyed_hash.hpp"
#include "runtime/io_shard.hpp"
#include "runtime/occasional.hpp"
#include "store/committer.hpp"
#include "store/database_file.hpp"
#include "store/outage.hpp"
#include "store/shelf.hpp"
#include "store/sqlite_store.hpp"
#include "store/tables.hpp"

namespace hubbub::store {

class Writer {
 public:
  // Opens the file, and puts into it what the last run has committed. Throws std::runtime_error as open_database() does.
  explicit Writer(SqliteOptions options);

  // Tries to put everything into the tables first.
  ~Writer();

  CommitLog commit_log() const;  // to be used once

  // Stores a snapshot, whose record must be committed, and its room's records. If it cannot be stored, it is forgotten.
  void put(std::shared_ptr<Shelf> shelf, Snapshot snapshot);

  // `size` bytes more (see Add::size) are to be put into the tables.
  void is_behind_by(std::size_t size) noexcept { behind_ += size; }

  // Puts everything that is committed in these rooms into the tables, and then removes the segments up to the number `through`.
  void write_all(Shelves shelves, std::uint64_t through);

  // Runs `task` on the writer's thread once it has tried to do all that it was given so far.
  void then(runtime::Task task);

  void drain();  // blocks until then

  // How many bytes are to be put into the tables; how many the file has space for; whether the last attempt to put everything into the
  // tables failed.
  std::size_t behind() const { return behind_; }
  std::size_t space() const { return space_; }
  bool fails() const { return fails_; }

  std::shared_ptr<Shelf> shelf(const std::string& room, Post post);

 private:
  struct Put {
    std::shared_ptr<Shelf> shelf;
    Snapshot snapshot;
    std::uint64_t first = 0;  // of the room's records, once the snapshot is stored
  };
  using Puts = std::list<Put>;

  void collect();
  void end_turn();
  void look_at_the_time();
  void write(Puts& puts);
  void store(Put& put);
  void conclude(const Put& put);
  void try_to_write_all();
  void write_each_alone();
  void give_up(Shelf& shelf, const char* why);
  void remove_what_is_written();
  template <class Call>
  void transaction(Call call);
  void begin_with(Shelf& shelf);
  void put_into_tables(Shelf& shelf);
  void leave_space(std::size_t before);
  void count_space();
  std::size_t free_space();
  void sweep();
  void undo();
  void learn(Shelf& shelf);
  void complain(const char* what);
  bool has_its_size();

  const SqliteOptions options_;
  FileLock lock_;
  runtime::IoShard shard_{"store writer"};
  std::atomic<std::size_t> behind_ = 0, space_ = ~std::size_t{0};
  std::atomic<bool> fails_ = false;

  std::mutex mutex_;  // guards the shelves and the names of broken rooms
  std::set<std::string> broken_;
  std::unordered_map<std::string, std::weak_ptr<Shelf>, KeyedHash> shelves_;  // by room
  std::size_t worth_a_look_ = 100;  // how many shelves there must be before the expired ones are removed

  std::mutex inbox_mutex_;      // guards the next two: what write_all() was told
  Shelves inbox_;
  std::uint64_t inbox_through_ = 0;

  // Used on the shard's thread.
  Tables tables_;
  std::uint64_t owner_ = 0;
  std::size_t page_size_ = 0;
  std::int64_t pages_ = 0;    // the largest number of pages that the file may have; 0: no limit
  std::int64_t reserve_ = 0;  // how many of them are reserved for snapshots
  Puts puts_;                       // of this turn,
  std::list<runtime::Task> tasks_;  // and what follows them
  bool collecting_ = false;
  Shelves behind_shelves_;            // whose committed records must all be put into the tables,
  std::uint64_t through_ = 0;         // and then the segments up to this one can go
  std::vector<Shelf*> written_;       // whose records this transaction puts there

  std::chrono::steady_clock::time_point next_sweep_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point next_attempt_ = std::chrono::steady_clock::time_point::max();
  std::int64_t swept_ = 0;  // the id of the last room that this sweep has looked at
  Outage outage_{options_.proof};
  runtime::Occasional left_over_;  // bounds the lines about files that cannot be removed
  std::unique_ptr<runtime::Timer> alarm_;
};

}  // namespace hubbub::store

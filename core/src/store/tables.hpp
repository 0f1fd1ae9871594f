// The operations on the tables of the store's file, one function each. The caller begins and commits transactions. Used by one
// thread at a time. Every failure throws SqliteError.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/own_thread.hpp"
#include "store/known.hpp"
#include "store/log.hpp"
#include "store/sqlite.hpp"

namespace hubbub::store {

// One room, as it is within the current transaction.
struct RoomRow {
  std::int64_t id = 0;      // 0: nothing was ever logged in it
  std::string epoch;
  std::uint64_t first = 1;  // the seq of the oldest record that is kept, or of the next record if none is
  std::uint64_t last = 0;
  std::uint64_t bytes = 0;  // of all messages ever appended, counted from 0 again whenever the log becomes empty
};

// A room with a snapshot, and the snapshot's seq.
struct Covered {
  std::int64_t id;
  std::string name;
  std::uint64_t seq;
};

class Tables {
 public:
  explicit Tables(Database database);

  Database& database() {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    return database_;
  }

  // The next thread that uses the tables is their thread from then on.
  void hand_over() { thread_.hand_over(); }

  // The file's commit log: its owner, which is a random number that the file has got when it was made, and the number of the last segment
  // whose records are all in the tables.
  std::uint64_t owner();
  std::uint64_t segment();
  void set_segment(std::uint64_t number);

  std::vector<std::string> rooms();  // by name
  std::optional<RoomRow> room(std::string_view name);

  // Whether there is space for at least a million more rooms.
  bool can_add_rooms();

  // Both update `room`. They return false and change nothing if the file cannot hold more: it holds at most 2^25 rooms, with
  // 2^38 records each.
  bool add(std::string_view name, RoomRow& room);
  bool append(RoomRow& room, const Record& record);

  // Removes the oldest records, at most `most`: those that the retention does not keep and a snapshot with the seq `covered`
  // covers. Returns how many it removed.
  std::size_t trim(RoomRow& room, const Retention& retention, std::uint64_t covered, std::size_t most = ~std::size_t{0});

  // Calls `take` with the records from `after` + 1 to `through`, in order, until it returns false.
  void each(const RoomRow& room, std::uint64_t after, std::uint64_t through, const std::function<bool(Record)>& take);

  // parts_with() returns the parts of a room's log that may have records of this client with a ref; refs() reads them from one
  // part.
  std::vector<std::uint64_t> parts_with(const RoomRow& room, std::uint64_t client);
  Refs refs(std::uint64_t part, std::uint64_t client);

  std::optional<Snapshot> snapshot(const RoomRow& room);
  void put(const RoomRow& room, const Snapshot& snapshot);

  // The next rooms with a snapshot whose id is above `after`, at most `most`, in the order of their ids.
  std::vector<Covered> covered_rooms(std::int64_t after, std::size_t most);

  // How many pages are free if the file may have `bound` pages. Negative if the file was already larger when it got this bound.
  std::int64_t free_pages(std::int64_t bound);

 private:
  std::uint64_t of_store(int column);

  [[no_unique_address]] runtime::OwnThread thread_;
  Database database_;
  Statement store_, set_segment_, last_room_, rooms_, room_, last_, add_, first_, append_, oldest_, delete_, each_, note_, unnote_, blocks_,
      refs_, snapshot_, put_, covered_, pages_, unused_pages_;
};

}  // namespace hubbub::store

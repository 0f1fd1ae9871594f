// What is done to the tables of the store's file, each as one call; when to commit is the caller's business. Belongs to one
// thread at a time. What fails throws SqliteError.
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

// One room, as it is within the transaction at hand.
struct RoomRow {
  std::int64_t id = 0;      // 0: nothing was ever logged in it
  std::string epoch;
  std::uint64_t first = 1;  // the seq of the oldest record that is kept, or of the next one
  std::uint64_t last = 0;
  std::uint64_t bytes = 0;  // of all its messages since the last time when none was kept
};

// A room, and the seq of its snapshot.
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

  std::vector<std::string> rooms();  // by name
  std::optional<RoomRow> room(std::string_view name);

  // These two keep `room` true. They answer false, with nothing changed, if the file has no place for one more: it holds 2^25
  // rooms, of 2^38 records each.
  bool add(std::string_view name, RoomRow& room);
  bool append(RoomRow& room, const Record& record);

  // Takes out the oldest records that the retention no longer asks for and a snapshot of the seq `covered` stands for, at most
  // `most`. Returns how many.
  std::size_t trim(RoomRow& room, const Retention& retention, std::uint64_t covered, std::size_t most = ~std::size_t{0});

  // Hands the records out until `take` returns false.
  void each(const RoomRow& room, std::uint64_t after, std::uint64_t through, const std::function<bool(Record)>& take);

  // The parts of a room's records in which a client may have sent something with a ref, and what it did in one of them.
  std::vector<std::uint64_t> parts_with(const RoomRow& room, std::uint64_t client);
  Refs refs(std::uint64_t part, std::uint64_t client);

  std::optional<Snapshot> snapshot(const RoomRow& room);
  void put(const RoomRow& room, const Snapshot& snapshot);

  // The rooms with a snapshot that follow the room with the id `after`, at most `most`, in the order of their ids.
  std::vector<Covered> covered_rooms(std::int64_t after, std::size_t most);

  // What the file has free within the bound on its pages; below 0 if it was larger when it got this bound.
  std::int64_t free_pages(std::int64_t bound);

 private:
  [[no_unique_address]] runtime::OwnThread thread_;
  Database database_;
  Statement rooms_, room_, last_, add_, first_, append_, oldest_, delete_, each_, note_, unnote_, blocks_, refs_, snapshot_,
      put_, covered_,
      pages_, unused_pages_;
};

}  // namespace hubbub::store

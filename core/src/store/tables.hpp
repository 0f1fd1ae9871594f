// What is done to the tables of the store's file, each as one call; when to commit is the caller's business. Belongs to one
// thread at a time. What fails throws SqliteError.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

class Tables {
 public:
  explicit Tables(Database database);

  Database& database() { return database_; }

  std::vector<std::string> rooms();  // by name
  std::optional<RoomRow> room(std::string_view name);

  // These keep `room` true. The first two answer false, with nothing changed, where the file has no place for one more:
  // it holds 2^25 rooms, of 2^38 records each.
  bool add(std::string_view name, RoomRow& room);
  bool append(RoomRow& room, const Record& record);
  void trim(RoomRow& room, const Retention& retention);

  // Hands the records out until `take` returns false.
  void each(const RoomRow& room, std::uint64_t after, std::uint64_t through, const std::function<bool(Record)>& take);

  // The parts of a room's records in which a client may have sent something with a ref, and what it did in one of them.
  std::vector<std::uint64_t> parts_with(const RoomRow& room, std::uint64_t client);
  Refs refs(std::uint64_t part, std::uint64_t client);

  std::optional<Snapshot> snapshot(const RoomRow& room);
  void put(const RoomRow& room, const Snapshot& snapshot);

  // Rooms whose oldest record is older than that and no longer needed, at most `most`.
  std::vector<std::string> rooms_older_than(std::chrono::milliseconds age, std::size_t most);

 private:
  Database database_;
  Statement rooms_, room_, last_, add_, first_, append_, oldest_, delete_, each_, note_, unnote_, blocks_, refs_, snapshot_,
      put_, older_;
};

}  // namespace hubbub::store

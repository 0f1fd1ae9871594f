// One room in the store: what its log, the committer, the writer and the reader share.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "store/known.hpp"
#include "store/log.hpp"
#include "store/pending.hpp"
#include "store/tables.hpp"

namespace hubbub::store {

class Question;

struct Shelf {
  Shelf(std::string its_name, Post its_post, std::string its_epoch);
  ~Shelf();

  const std::string name;
  const Post post;
  std::string epoch;  // the room's; random until the reader has found another, when the log is opened for the first time

  Pending pending;
  std::atomic<std::size_t> puts = 0;    // snapshots that are not stored yet
  std::atomic<bool> is_broken = false;  // the tables do not take its records: nothing more is committed in it until the next start

  // Used on the room's thread.
  Known known;
  std::size_t under_way = 0;  // calls of append() that are not answered yet

  // Used on the reader's thread when the log is opened, afterwards on the committer's.
  std::optional<std::uint64_t> last;  // the seq of the last committed record

  // Used on the committer's thread.
  bool is_listed = false;  // among those of which the writer will be told

  // Used on the writer's thread.
  std::unique_ptr<RoomRow> row;  // the room's row in the tables; null: must be read before use
  bool is_written = false;       // by the current transaction

  // Used on the reader's thread.
  std::list<std::shared_ptr<Question>> questions;  // oldest first
};

using Shelves = std::list<std::shared_ptr<Shelf>>;

}  // namespace hubbub::store

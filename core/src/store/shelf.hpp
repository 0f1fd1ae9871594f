// One room in the store's file: the data that its log, the writer and the reader share.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "store/known.hpp"
#include "store/log.hpp"
#include "store/tables.hpp"

namespace hubbub::store {

class Question;

struct Shelf {
  Shelf(std::string its_name, Post its_post, std::string its_epoch);
  ~Shelf();

  const std::string name;
  const Post post;
  const std::string epoch;  // the room's, if the file has none for it yet

  // Used on the room's thread.
  Known known;

  // Used on the writer's thread.
  std::unique_ptr<RoomRow> row;  // the room's row in the file; null: must be read before use

  // A question waits until `written` has reached what `to_write` was when it was asked.
  std::uint64_t to_write = 0;              // jobs added so far; used on the room's thread
  std::atomic<std::uint64_t> written = 0;  // jobs that were committed or have failed

  // Guarded by the reader's lock.
  std::vector<std::unique_ptr<Question>> questions;  // oldest first
};

}  // namespace hubbub::store

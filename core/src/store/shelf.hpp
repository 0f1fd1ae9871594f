// One room in the store's file: what its log, the writer and the reader know of it together.
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
  const std::string epoch;  // of the room, unless the file knows one

  // The room's thread.
  Known known;

  // The writer's thread.
  std::unique_ptr<RoomRow> row;  // as the file has it; null: to be read before it is used

  // What is asked waits for what was to be written before.
  std::uint64_t to_write = 0;               // jobs so far; the room's thread
  std::atomic<std::uint64_t> written = 0;  // of them, committed or failed

  // Under the reader's lock.
  std::vector<std::unique_ptr<Question>> questions;  // oldest first
};

}  // namespace hubbub::store

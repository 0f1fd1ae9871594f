// The shard that reads the store's file, over its own connection, in parallel with the writer.
//
// Rooms take turns. Each turn is short: it reads one part of the room's oldest question. So a room with much to read does not
// delay the others, and reading never delays writing. Any thread may ask; the Reader outlives all questions.
#pragma once

#include <chrono>
#include <filesystem>
#include <list>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/io_shard.hpp"
#include "store/outage.hpp"
#include "store/shelf.hpp"
#include "store/tables.hpp"

namespace hubbub::store {

// One call on a log that reads.
class Question {
 public:
  explicit Question(std::shared_ptr<Shelf> its_shelf, Log::Reader its_reader = {})
      : shelf(std::move(its_shelf)), for_whom(std::move(its_reader)) {}
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;
  virtual ~Question() = default;

  // Called once on the reader's thread, before the first part is read.
  virtual void prepare() {}

  // Reads one part, on the reader's thread; `row` is the room's current row in the tables. Returns true if that was the last part.
  virtual bool read(Tables& tables, const RoomRow& row) = 0;

  // Calls the caller back, on the room's thread, after the last part.
  virtual void answer() = 0;

  const std::shared_ptr<Shelf> shelf;
  const Log::Reader for_whom;
  bool is_prepared = false;
  bool holds = true;  // false if the reading failed
};

class Reader {
 public:
  // Opens the file. The writer must have opened it before. `proof` as in SqliteOptions. Throws SqliteError.
  Reader(std::filesystem::path file, std::chrono::milliseconds proof);

  // Answers all questions first. Nobody may ask meanwhile.
  ~Reader();

  void ask(std::shared_ptr<Question> question);
  void drain();  // blocks until no question is left

 private:
  void take(std::shared_ptr<Question> question);
  void next_turn();
  void turn();
  bool read(Question& question);
  void look_at_outage();
  static void answer(std::shared_ptr<Question> question);

  const std::filesystem::path file_;
  runtime::IoShard shard_{"store reader"};

  // Used on the shard's thread.
  Tables tables_;
  std::list<std::shared_ptr<Shelf>> shelves_;  // with questions, in the order of their turns
  bool has_turn_ = false;                      // the next turn is posted
  std::vector<runtime::Task> when_drained_;
  Outage outage_;
  std::unique_ptr<runtime::Timer> outage_over_;
};

}  // namespace hubbub::store

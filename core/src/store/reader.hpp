// The thread that reads the store's file, over its own connection, in parallel with the writer.
//
// Rooms take turns. Each turn is short: it reads one part of the room's oldest question. So a room with much to read does not
// delay the others, and reading never delays writing. A question waits until everything its room passed to the writer before it
// is written. Any thread may ask; the Reader outlives all questions.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "store/outage.hpp"
#include "store/shelf.hpp"
#include "store/tables.hpp"

namespace hubbub::store {

// One call on a log that reads.
class Question {
 public:
  explicit Question(std::shared_ptr<Shelf> its_shelf, Log::Reader its_reader = {})
      : shelf(std::move(its_shelf)), for_whom(std::move(its_reader)), after(shelf->to_write) {}
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;
  virtual ~Question() = default;

  // Reads one part, on the reader's thread; `row` is the room's current row. Returns true if that was the last part.
  virtual bool read(Tables& tables, const RoomRow& row) = 0;

  // Calls the caller back, on the room's thread, after the last part.
  virtual void answer() = 0;

  const std::shared_ptr<Shelf> shelf;
  const Log::Reader for_whom;
  const std::uint64_t after;  // how many of the room's jobs must be written first
  bool holds = true;          // false if the reading failed
};

class Reader {
 public:
  // Opens the file. The writer must have opened it before. `proof` as in SqliteOptions. Throws SqliteError.
  Reader(std::filesystem::path file, std::chrono::milliseconds proof);

  // Answers all questions first. The writer must be idle.
  ~Reader();

  void ask(std::unique_ptr<Question> question);
  void written();  // the writer has written something: questions that wait for it may be ready
  void drain();    // blocks until all questions are answered

 private:
  using Shelves = std::deque<std::shared_ptr<Shelf>>;

  void run();
  Shelves::iterator ready();
  bool read(Question& question);
  static void answer(std::shared_ptr<Question> question);

  const std::filesystem::path file_;
  Tables tables_;

  std::mutex mutex_;
  std::condition_variable changed_;
  Shelves shelves_;  // with questions, in the order of their turns
  bool working_ = false;
  bool stopping_ = false;

  Outage outage_;
  std::thread thread_;
};

}  // namespace hubbub::store

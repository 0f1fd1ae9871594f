// The thread that answers what is asked of the store's file, over a connection of its own, beside the writer.
//
// The rooms take turns, and each turn is short: one part of the oldest question of a room. So a room with much to read keeps no
// other waiting, and none keeps anybody from writing. A question waits for what its room had to write before. Any thread may
// ask; the Reader outlives all questions.
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

// What one call on a log asks for.
class Question {
 public:
  explicit Question(std::shared_ptr<Shelf> its_shelf, Log::Reader its_reader = {})
      : shelf(std::move(its_shelf)), for_whom(std::move(its_reader)), after(shelf->to_write) {}
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;
  virtual ~Question() = default;

  // On the reader's thread: reads a part, of a room that is `row` now. True if it was the last.
  virtual bool read(Tables& tables, const RoomRow& row) = 0;

  // On the room's thread, in the end.
  virtual void answer() = 0;

  const std::shared_ptr<Shelf> shelf;
  const Log::Reader for_whom;
  const std::uint64_t after;  // jobs of the room that are to be written first
  bool holds = true;          // it could be read
};

class Reader {
 public:
  // Opens the file, which the writer has opened before; `proof` as in SqliteOptions. Throws SqliteError.
  Reader(std::filesystem::path file, std::chrono::milliseconds proof);

  // Answers everything first; nothing is being written any more.
  ~Reader();

  void ask(std::unique_ptr<Question> question);
  void written();  // something that questions may wait for
  void drain();    // waits until there is nothing left to answer

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

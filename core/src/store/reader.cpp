#include "store/reader.hpp"

#include <hubbub/shown.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "runtime/log.hpp"
#include "store/database_file.hpp"
#include "runtime/thread.hpp"

namespace hubbub::store {

using Clock = std::chrono::steady_clock;

Reader::Reader(std::filesystem::path file, std::chrono::milliseconds proof)
    : file_(std::move(file)), tables_(open_beside(file_)), outage_(proof) {
  thread_ = runtime::start_thread("store reader", [this] { run(); });
}

Reader::~Reader() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Reader::ask(std::unique_ptr<Question> question) {
  {
    const std::lock_guard lock{mutex_};
    auto& shelf = question->shelf;
    if (shelf->questions.empty()) shelves_.push_back(shelf);
    shelf->questions.push_back(std::move(question));
  }
  changed_.notify_all();
}

void Reader::written() {
  const std::lock_guard lock{mutex_};
  if (!shelves_.empty()) changed_.notify_all();
}

void Reader::drain() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return shelves_.empty() && !working_; });
}

Reader::Shelves::iterator Reader::ready() {
  return std::ranges::find_if(shelves_, [](const auto& shelf) { return shelf->written >= shelf->questions.front()->after; });
}

void Reader::run() {
  tables_.hand_over();
  std::unique_lock lock{mutex_};
  for (;;) {
    const auto wanted = [this] { return ready() != shelves_.end() || (stopping_ && shelves_.empty()); };
    if (const auto end = outage_.end()) {
      changed_.wait_until(lock, *end, wanted);
    } else {
      changed_.wait(lock, wanted);
    }
    if (outage_.ended(Clock::now())) log::info("store={} can be read again", file_.string());
    const auto turn = ready();
    if (turn == shelves_.end()) {
      if (stopping_ && shelves_.empty()) return;
      continue;
    }
    const auto shelf = *turn;
    auto& question = *shelf->questions.front();
    shelves_.erase(turn);
    shelves_.push_back(shelf);  // its next turn comes after those of all others
    working_ = true;
    lock.unlock();
    const bool done = read(question);
    lock.lock();
    if (done) {
      auto answered = std::move(shelf->questions.front());
      shelf->questions.erase(shelf->questions.begin());
      if (shelf->questions.empty()) std::erase(shelves_, shelf);
      lock.unlock();
      answer(std::move(answered));
      lock.lock();
    }
    working_ = false;
    if (shelves_.empty()) changed_.notify_all();
  }
}

void Reader::answer(std::shared_ptr<Question> question) {
  const auto shelf = question->shelf;
  try {
    shelf->post([question = std::move(question)] { question->answer(); });
  } catch (const std::exception& error) {
    log::error("room={} an answer of the store is lost: {}", shown_name(shelf->name), error.what());
  }
}

// One turn. All it reads is from one moment, because it reads within one transaction.
bool Reader::read(Question& question) {
  if (question.for_whom && question.for_whom->expired()) {
    question.holds = false;
    return true;
  }
  auto& database = tables_.database();
  try {
    if (database.in_transaction()) database.run("ROLLBACK");
    database.run("BEGIN");
    auto row = tables_.room(question.shelf->name);
    const bool done = question.read(tables_, row ? *row : RoomRow{.epoch = question.shelf->epoch});
    database.run("COMMIT");
    outage_.worked(Clock::now());
    return done;
  } catch (const std::exception& error) {
    if (outage_.failed(Clock::now())) {
      log::error("store={} cannot be read now, rooms cannot be opened and nobody can resume: {}", file_.string(), error.what());
    }
    question.holds = false;
    return true;
  }
}

}  // namespace hubbub::store

#include "store/reader.hpp"

#include <hubbub/shown.hpp>

#include <chrono>
#include <exception>
#include <future>
#include <utility>

#include "runtime/log.hpp"
#include "store/database_file.hpp"

namespace hubbub::store {

using Clock = std::chrono::steady_clock;

Reader::Reader(std::filesystem::path file, std::chrono::milliseconds proof)
    : file_(std::move(file)), tables_(open_beside(file_)), outage_(proof), outage_over_(shard_.make_timer([this] { look_at_outage(); })) {
  tables_.hand_over();
  shard_.start();
}

Reader::~Reader() {
  drain();
  shard_.stop();
  shard_.join();
  tables_.hand_over();
}

void Reader::ask(std::shared_ptr<Question> question) {
  shard_.post([this, question = std::move(question)] { take(question); });
}

// The second task runs in a later turn, when the answers have been handed over to the rooms' shards.
void Reader::drain() {
  const auto drained = std::make_shared<std::promise<void>>();
  const auto future = drained->get_future();
  shard_.post([this, drained] {
    when_drained_.emplace_back([this, drained] { shard_.post([drained] { drained->set_value(); }); });
    next_turn();
  });
  future.wait();
}

void Reader::take(std::shared_ptr<Question> question) {
  auto& shelf = question->shelf;
  std::list<std::shared_ptr<Shelf>> its{shelf};
  shelf->questions.push_back(question);
  if (shelf->questions.size() == 1) shelves_.splice(shelves_.end(), its);
  next_turn();
}

void Reader::next_turn() {
  if (has_turn_) return;
  shard_.post([this] {
    has_turn_ = false;
    turn();
  });
  has_turn_ = true;
}

void Reader::turn() {
  if (shelves_.empty()) {
    for (const auto& tell : std::exchange(when_drained_, {})) tell();
    return;
  }
  next_turn();
  const auto shelf = shelves_.front();
  const bool done = read(*shelf->questions.front());
  shelves_.splice(shelves_.end(), shelves_, shelves_.begin());  // its next turn comes after those of all others
  if (done) {
    auto answered = std::move(shelf->questions.front());
    shelf->questions.pop_front();
    if (shelf->questions.empty()) shelves_.pop_back();
    answer(std::move(answered));
  }
  look_at_outage();
}

void Reader::look_at_outage() {
  if (outage_.ended(Clock::now())) log::info("store={} can be read again", file_.string());
  if (const auto end = outage_.end()) outage_over_->arm(std::chrono::ceil<std::chrono::milliseconds>(*end - Clock::now()));
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
  if (question.for_whom && question.for_whom->expired()) question.holds = false;
  if (!question.holds) return true;
  auto& database = tables_.database();
  try {
    if (database.in_transaction()) database.run("ROLLBACK");
    if (!std::exchange(question.is_prepared, true)) question.prepare();
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

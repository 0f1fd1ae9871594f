#include "store/writer.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <exception>
#include <unordered_map>
#include <utility>

#include "protocol/random_id.hpp"
#include "runtime/log.hpp"
#include "runtime/thread.hpp"

namespace hubbub::store {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t largest_batch = 4096;                    // jobs that share a transaction
constexpr auto between_turns = std::chrono::milliseconds{100};  // of one sweep
constexpr std::size_t rooms_a_turn = 100;                      // keeps a turn short: jobs wait while it runs
constexpr std::size_t records_a_turn = 10'000;                 // removed at most
constexpr std::int64_t reserved_share = 16;                    // 1/16 of the file is reserved for snapshots
constexpr std::int64_t pages_at_once = 20'000;                 // that one transaction may need, roughly

template <class Call>
void guarded(Call&& call) {
  try {
    call();
  } catch (const std::exception& error) {
    log::error("an answer of the store failed: {}", error.what());
  } catch (...) {
    log::error("an answer of the store failed");
  }
}

}  // namespace

Writer::Writer(SqliteOptions options, std::function<void()> written)
    : options_(std::move(options)),
      written_(std::move(written)),
      lock_(options_.file),
      tables_(open_database(options_.file, Database::Mode::create)) {
  tables_.database().run(options_.synchronous == Synchronous::full ? "PRAGMA synchronous = FULL"
                                                                   : "PRAGMA synchronous = NORMAL");
  if (options_.size != 0) {
    auto& database = tables_.database();
    pages_ = std::max<std::int64_t>(1, static_cast<std::int64_t>(options_.size) / database.number("PRAGMA page_size"));
    reserve_ = pages_ / reserved_share;
    database.run("PRAGMA max_page_count = " + std::to_string(pages_));
  }
  thread_ = runtime::start_thread("store", [this] { run(); });
}

Writer::~Writer() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
  if (transactions_ == 0) return;
  log::info("store={} closed after {} writes in {} transactions, at most {} in one", options_.file.string(), committed_,
            transactions_, largest_);
}

void Writer::add(std::unique_ptr<Job> job) {
  ++job->shelf->to_write;
  {
    const std::lock_guard lock{mutex_};
    queue_.push_back(std::move(job));
    if (queue_.size() > 1 || working_) return;  // the thread is awake
  }
  changed_.notify_all();
}

void Writer::drain() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return queue_.empty() && !working_; });
}

std::shared_ptr<Shelf> Writer::shelf(const std::string& room, Post post) {
  const std::lock_guard lock{mutex_};
  if (shelves_.size() >= worth_a_look_) {  // rarely, so that the cost per room is small
    std::erase_if(shelves_, [](const auto& shelf) { return shelf.second.expired(); });
    worth_a_look_ = 2 * shelves_.size() + 100;
  }
  auto& kept = shelves_[room];
  if (auto shelf = kept.lock()) return shelf;  // the room's previous log still has jobs in the queue
  auto made = std::make_shared<Shelf>(room, std::move(post), random_id());
  kept = made;
  return made;
}

void Writer::run() {
  tables_.hand_over();
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait_until(lock, std::min(next_sweep_, outage_.end().value_or(next_sweep_)), [this] { return !queue_.empty() || stopping_; });
    // Lets other threads on this processor add their jobs to this batch first. On an idle machine this costs nothing.
    lock.unlock();
    std::this_thread::yield();
    lock.lock();
    if (queue_.empty() && stopping_) return;
    Jobs batch;
    if (queue_.size() <= largest_batch) {
      batch.swap(queue_);
    } else {
      const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(largest_batch);
      batch.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
      queue_.erase(queue_.begin(), end);
    }
    working_ = true;
    lock.unlock();
    process(batch);
    lock.lock();
    working_ = false;
    if (queue_.empty()) changed_.notify_all();
  }
}

void Writer::process(Jobs& batch) {
  write(batch);
  answer(batch);
  if (!batch.empty()) written_();
  if (Clock::now() >= next_sweep_) sweep();
  if (outage_.ended(Clock::now())) log::info("store={} can be written again", options_.file.string());
}

void Writer::write(Jobs& batch) {
  try {
    write_together(batch);
    if (!batch.empty()) outage_.worked(Clock::now());
    return;
  } catch (const std::exception& error) {
    const bool is_full = has_its_size(error);
    complain(is_full ? "the file has reached store.size; raise that limit, or shorten store.retention" : error.what());
    fail(batch);
    if (!is_full) return;
  }
  for (auto& job : batch) {
    if (!job->may_use_reserve()) continue;
    const std::span alone{&job, 1};
    try {
      write_together(alone);
    } catch (const std::exception&) {  // already logged above
      fail(alone);
    }
  }
}

void Writer::write_together(std::span<const std::unique_ptr<Job>> jobs) {
  auto& database = tables_.database();
  if (database.in_transaction()) database.run("ROLLBACK");  // an earlier attempt to roll back may have failed
  if (jobs.empty()) return;
  database.run("BEGIN IMMEDIATE");
  std::uint64_t writes = 0;
  bool may_use_reserve = true;
  for (const auto& job : jobs) {
    learn(*job->shelf);
    job->holds = job->write(tables_);
    writes += job->holds ? 1 : 0;
    may_use_reserve = may_use_reserve && job->may_use_reserve();
  }
  if (pages_ != 0 && !may_use_reserve && tables_.free_pages(pages_) < reserve_) throw SqliteError{SQLITE_FULL, "the rest is reserved for snapshots"};
  database.run("COMMIT");
  committed_ += writes;
  largest_ = std::max(largest_, writes);
  ++transactions_;
}

void Writer::fail(std::span<const std::unique_ptr<Job>> jobs) {
  undo();
  for (const auto& job : jobs) {
    job->holds = false;
    job->shelf->row.reset();
  }
}

// Wakes each room once, however many answers it gets. Counts the jobs as written only after their answers are posted, so that
// answers to the room's later questions come later. If one answer throws, that is logged, and the others are still given.
void Writer::answer(Jobs& batch) {
  std::unordered_map<std::shared_ptr<Shelf>, Jobs> rooms;
  for (auto& job : batch) rooms[job->shelf].push_back(std::move(job));
  for (auto& [shelf, jobs] : rooms) {
    const auto count = jobs.size();
    guarded([&, &shelf = shelf, &jobs = jobs] {
      shelf->post([done = std::make_shared<Jobs>(std::move(jobs))] {
        for (const auto& job : *done) guarded([&] { job->answer(); });
      });
    });
    shelf->written += count;
  }
}

void Writer::learn(Shelf& shelf) {
  if (shelf.row) return;
  auto row = tables_.room(shelf.name);
  shelf.row = std::make_unique<RoomRow>(row ? std::move(*row) : RoomRow{.epoch = shelf.epoch});
}

void Writer::sweep() {
  next_sweep_ = Clock::now() + options_.between_sweeps;
  auto& database = tables_.database();
  try {
    const auto rooms = tables_.covered_rooms(std::exchange(swept_, 0), rooms_a_turn);
    if (rooms.empty()) return;
    database.run("BEGIN IMMEDIATE");
    auto left = records_a_turn;
    auto last = rooms.front().id - 1;  // the last room that is done
    for (const auto& [id, name, seq] : rooms) {
      auto row = tables_.room(name);
      if (row) left -= tables_.trim(*row, options_.retention, seq, left);
      if (left == 0) break;
      last = id;
    }
    database.run("COMMIT");
    if (left == 0 || rooms.size() == rooms_a_turn) {
      swept_ = last;
      next_sweep_ = Clock::now() + between_turns;
    }
    if (left == records_a_turn) return;
    const std::lock_guard lock{mutex_};
    for (const auto& [name, weak] : shelves_) {
      if (const auto shelf = weak.lock()) shelf->row.reset();
    }
  } catch (const std::exception& error) {
    complain(error.what());
    undo();
  }
}

// If the rollback fails, the transaction stays open, and nothing is written until a later rollback succeeds.
void Writer::undo() {
  try {
    if (tables_.database().in_transaction()) tables_.database().run("ROLLBACK");
  } catch (const std::exception& error) {
    complain(error.what());
  }
}

// Whether `error` comes from the file's bound and not from a full disk.
bool Writer::has_its_size(const std::exception& error) {
  const auto* failure = dynamic_cast<const SqliteError*>(&error);
  if (!failure || failure->code() != SQLITE_FULL || pages_ == 0) return false;
  try {
    return tables_.free_pages(pages_) < reserve_ + pages_at_once;
  } catch (const SqliteError&) {
    return false;
  }
}

void Writer::complain(const char* what) {
  if (!outage_.failed(Clock::now())) return;
  log::error("store={} cannot be used now, messages are refused as unavailable: {}", options_.file.string(), what);
}

}  // namespace hubbub::store

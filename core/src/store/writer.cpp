#include "store/writer.hpp"

#include <hubbub/shown.hpp>
#include <sqlite3.h>

#include <algorithm>
#include <exception>
#include <future>
#include <iterator>
#include <stdexcept>
#include <utility>

#include "protocol/random_id.hpp"
#include "runtime/log.hpp"
#include "runtime/loop.hpp"
#include "store/recovery.hpp"

namespace hubbub::store {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t most_puts = 4096;            // snapshots that share a transaction
constexpr auto between_attempts = 1s;                  // to put into the tables what could not be put there
constexpr auto between_turns = 100ms;                  // of one sweep
constexpr std::size_t rooms_a_turn = 100;              // keeps a turn short: snapshots wait while it runs
constexpr std::size_t records_a_turn = 10'000;         // removed at most
constexpr std::int64_t reserved_share = 16;            // 1/16 of the file is reserved for snapshots
constexpr std::int64_t pages_at_once = 20'000;         // that one transaction may need, roughly

constexpr auto full = "the file has reached store.size; raise that limit, or shorten store.retention";

// Whether another room's records may be written all the same.
bool is_of_one_room(const std::exception& error) {
  const auto* failure = dynamic_cast<const SqliteError*>(&error);
  if (!failure) return dynamic_cast<const std::runtime_error*>(&error) != nullptr;
  return failure->code() == SQLITE_CORRUPT || failure->code() == SQLITE_CONSTRAINT;
}

bool is_out_of_space(const std::exception& error) {
  const auto* failure = dynamic_cast<const SqliteError*>(&error);
  return failure && failure->code() == SQLITE_FULL;
}

template <class Call>
void guarded(Call&& call) {
  try {
    call();
  } catch (const std::exception& error) {
    log::error("a step of the store failed: {}", error.what());
  } catch (...) {
    log::error("a step of the store failed");
  }
}

}  // namespace

Writer::Writer(SqliteOptions options)
    : options_(std::move(options)), lock_(options_.file), tables_(open_database(options_.file, Database::Mode::create)) {
  recover(tables_, options_.file);
  through_ = tables_.segment();
  owner_ = tables_.owner();
  page_size_ = static_cast<std::size_t>(tables_.database().number("PRAGMA page_size"));
  tables_.database().run("PRAGMA synchronous = NORMAL");
  if (options_.size != 0) {
    auto& database = tables_.database();
    pages_ = std::max<std::int64_t>(1, static_cast<std::int64_t>(options_.size / page_size_));
    reserve_ = pages_ / reserved_share;
    database.run("PRAGMA max_page_count = " + std::to_string(pages_));
  }
  count_space();
  tables_.hand_over();
  alarm_ = shard_.make_timer([this] { look_at_the_time(); });
  shard_.post([this] { look_at_the_time(); });
  shard_.start();
}

// Records that could not be put into the tables are in the commit log, for the next start. They hold their shelves, and those hold them.
Writer::~Writer() {
  drain();
  shard_.stop();
  shard_.join();
  tables_.hand_over();
  behind_shelves_.splice(behind_shelves_.end(), inbox_);
  for (const auto& shelf : behind_shelves_) {
    shelf->pending.take();
    shelf->pending.written();
  }
}

CommitLog Writer::commit_log() const {
  return {options_.file, owner_, through_ + 1, options_.synchronous == Synchronous::full};
}

void Writer::put(std::shared_ptr<Shelf> shelf, Snapshot snapshot) {
  auto& puts = shelf->puts;
  Puts one;
  one.push_back({std::move(shelf), std::move(snapshot)});
  shard_.post([this, one = std::move(one)]() mutable {
    puts_.splice(puts_.end(), one);
    collect();
  });
  ++puts;
}

void Writer::write_all(Shelves shelves, std::uint64_t through) {
  {
    const std::lock_guard lock{inbox_mutex_};
    inbox_.splice(inbox_.end(), shelves);
    inbox_through_ = through;
  }
  shard_.post([this] {
    next_attempt_ = Clock::time_point::min();
    collect();
  });
}

void Writer::then(runtime::Task task) {
  shard_.post([this, one = std::list{std::move(task)}]() mutable {
    tasks_.splice(tasks_.end(), one);
    collect();
  });
}

// The second task runs in a later turn, when the answers have been handed over to the rooms' shards.
void Writer::drain() {
  const auto drained = std::make_shared<std::promise<void>>();
  const auto future = drained->get_future();
  then([this, drained] { shard_.post([drained] { drained->set_value(); }); });
  future.wait();
}

std::shared_ptr<Shelf> Writer::shelf(const std::string& room, Post post) {
  const std::lock_guard lock{mutex_};
  if (shelves_.size() >= worth_a_look_) {  // rarely, so that the cost per room is small
    std::erase_if(shelves_, [](const auto& shelf) { return shelf.second.expired(); });
    worth_a_look_ = 2 * shelves_.size() + 100;
  }
  auto& kept = shelves_[room];
  if (auto shelf = kept.lock()) return shelf;  // the room's previous log still has something under way
  auto made = std::make_shared<Shelf>(room, std::move(post), random_id());
  made->is_broken = broken_.contains(room);
  kept = made;
  return made;
}

void Writer::collect() {
  if (!collecting_) shard_.loop().at_end_of_turn<&Writer::end_turn>(*this);
  collecting_ = true;
}

void Writer::end_turn() {
  collecting_ = false;
  auto puts = std::exchange(puts_, {});
  const auto tasks = std::exchange(tasks_, {});
  while (!puts.empty()) {
    Puts group;
    group.splice(group.end(), puts, puts.begin(), std::next(puts.begin(), static_cast<std::ptrdiff_t>(std::min(puts.size(), most_puts))));
    guarded([&] { write(group); });
    for (const auto& put : group) guarded([&] { conclude(put); });
  }
  if (Clock::now() >= next_attempt_) try_to_write_all();
  for (const auto& task : tasks) guarded(task);
  alarm_->arm(0ms);  // the rest has time until the answers have left
}

void Writer::look_at_the_time() {
  if (Clock::now() >= next_attempt_) try_to_write_all();
  if (Clock::now() >= next_sweep_) sweep();
  if (outage_.ended(Clock::now())) log::info("store={} is written again", options_.file.string());
  const auto next = std::min({next_sweep_, next_attempt_, outage_.end().value_or(next_sweep_)});
  alarm_->arm(std::max(0ms, std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now())));
}

// Runs `call` in a transaction, and commits it. Throws what `call` throws, and SqliteError; then nothing has changed.
template <class Call>
void Writer::transaction(Call call) {
  auto& database = tables_.database();
  database.run("BEGIN IMMEDIATE");
  try {
    call();
    database.run("COMMIT");
  } catch (...) {
    for (auto* shelf : std::exchange(written_, {})) {
      shelf->row.reset();
      shelf->is_written = false;
    }
    undo();
    throw;
  }
  count_space();  // before there is less to be put into it
  for (auto* shelf : std::exchange(written_, {})) {
    shelf->is_written = false;
    for (const auto& add : shelf->pending.taken()) behind_ -= add->size();
    shelf->pending.written();
  }
  outage_.worked(Clock::now());
}

// To be called before the transaction changes anything of the room.
void Writer::begin_with(Shelf& shelf) {
  learn(shelf);
  if (shelf.is_written) return;
  written_.push_back(&shelf);
  shelf.is_written = true;
}

void Writer::put_into_tables(Shelf& shelf) {
  begin_with(shelf);
  for (const auto& add : shelf.pending.take()) {
    if (!put_record(tables_, shelf.name, *shelf.row, add->record)) {
      throw std::runtime_error("message " + std::to_string(add->record.seq) + " of the room " + shelf.name + " does not follow on message " +
                               std::to_string(shelf.row->last));
    }
  }
}

// If the file has not the space for all, or does not take one of them, each is tried alone.
void Writer::write(Puts& puts) {
  undo();
  try {
    transaction([&] {
      const auto before = free_space();
      for (auto& put : puts) store(put);
      leave_space(before);
    });
  } catch (const std::exception& error) {
    for (auto& put : puts) put.first = 0;
    const bool is_full = is_out_of_space(error);
    if ((is_full || is_of_one_room(error)) && puts.size() > 1) {
      for (auto put = puts.begin(); put != puts.end();) {
        Puts one;
        const auto next = std::next(put);
        one.splice(one.end(), puts, put);
        write(one);
        puts.splice(next, one);
        put = next;
      }
      return;
    }
    complain(is_full && has_its_size() ? full : error.what());
  }
  count_space();
}

void Writer::store(Put& put) {
  auto& shelf = *put.shelf;
  begin_with(shelf);
  auto& row = *shelf.row;
  if (row.id != 0) tables_.trim(row, options_.retention, std::min(put.snapshot.seq, row.last));  // first, to make space in a full file
  put_into_tables(shelf);
  if (row.id == 0 || put.snapshot.seq > row.last) return;
  tables_.trim(row, options_.retention, put.snapshot.seq);
  tables_.put(row, put.snapshot);
  put.first = row.first;
}

// What is committed must find the space that it was promised: snapshots that would take it are not stored.
void Writer::leave_space(std::size_t before) {
  const auto after = free_space();
  std::size_t promised = behind_;
  for (const auto* shelf : written_) {
    for (const auto& add : shelf->pending.taken()) promised -= add->size();
  }
  if (after < before && after < promised) throw SqliteError{SQLITE_FULL, "the space is needed for messages"};
}

void Writer::conclude(const Put& put) {
  --put.shelf->puts;
  if (put.first == 0) return;
  put.shelf->post([shelf = put.shelf, first = put.first] { shelf->known.forget(first); });
}

// The commit log may forget these records, so the transaction must be synced.
void Writer::try_to_write_all() {
  next_attempt_ = Clock::time_point::max();
  {
    const std::lock_guard lock{inbox_mutex_};
    behind_shelves_.splice(behind_shelves_.end(), inbox_);
    through_ = std::max(through_, inbox_through_);
  }
  try {
    undo();
    tables_.database().run("PRAGMA synchronous = FULL");
    transaction([&] {
      for (const auto& shelf : behind_shelves_) put_into_tables(*shelf);
      tables_.set_segment(through_);  // a transaction that changes nothing is not synced
    });
    fails_ = false;
    behind_shelves_.clear();
  } catch (const std::exception& error) {
    fails_ = true;
    is_of_one_room(error) ? write_each_alone() : complain(is_out_of_space(error) && has_its_size() ? full : error.what());
    next_attempt_ = behind_shelves_.empty() ? Clock::now() : Clock::now() + between_attempts;
  }
  guarded([&] { tables_.database().run("PRAGMA synchronous = NORMAL"); });
  count_space();
  if (!fails_) remove_what_is_written();
}

// For when the tables do not take one room's records, as if its part of the file were damaged. All other rooms' records get there. Those of
// this room are kept in files, so the commit log need not grow for ever. If they cannot be kept, the room is tried again later.
void Writer::write_each_alone() {
  bool is_kept = false;
  while (!behind_shelves_.empty()) {
    auto& shelf = *behind_shelves_.front();
    try {
      undo();
      transaction([&] { put_into_tables(shelf); });
    } catch (const std::exception& error) {
      if (!is_of_one_room(error)) return complain(error.what());
      try {
        if (!is_kept) copy_segments(options_.file, through_);
        is_kept = true;
        give_up(shelf, error.what());
      } catch (const std::exception& not_kept) {
        return complain(not_kept.what());
      }
    }
    behind_shelves_.pop_front();
  }
}

void Writer::give_up(Shelf& shelf, const char* why) {
  {
    const std::lock_guard lock{mutex_};
    broken_.insert(shelf.name);
  }
  shelf.is_broken = true;
  for (const auto& add : shelf.pending.take()) behind_ -= add->size();
  shelf.pending.written();
  log::error("store={} room={} cannot be written: its newest messages are kept in the files beside it that have .unread in their names, and "
             "it takes no more until the next start: {}", options_.file.string(), shown_name(shelf.name), why);
}

void Writer::remove_what_is_written() {
  guarded([&] {
    const bool removed = remove_segments(options_.file, through_);
    if (!removed && left_over_.is_due()) log::warn("store={} files beside it that are no longer needed cannot be removed", options_.file.string());
  });
}

void Writer::count_space() {
  guarded([&] {
    const auto reserved = static_cast<std::size_t>(reserve_) * page_size_, free = free_space();
    space_ = free - std::min(free, reserved);
  });
}

// In bytes, with what is reserved.
std::size_t Writer::free_space() {
  if (pages_ == 0) return ~std::size_t{0};
  return static_cast<std::size_t>(std::max<std::int64_t>(tables_.free_pages(pages_), 0)) * page_size_;
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
    undo();
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
    count_space();
    const std::lock_guard lock{mutex_};
    for (const auto& [name, weak] : shelves_) {
      if (const auto shelf = weak.lock()) shelf->row.reset();
    }
  } catch (const std::exception& error) {
    complain(error.what());
    undo();
  }
}

// Ends a transaction that has failed. If the rollback fails, too, nothing is written until a later one succeeds.
void Writer::undo() {
  try {
    if (tables_.database().in_transaction()) tables_.database().run("ROLLBACK");
  } catch (const std::exception& error) {
    complain(error.what());
  }
}

// Whether the file's bound is what is in the way, and not a full disk.
bool Writer::has_its_size() {
  if (pages_ == 0) return false;
  try {
    return tables_.free_pages(pages_) < reserve_ + pages_at_once;
  } catch (const SqliteError&) {
    return false;
  }
}

void Writer::complain(const char* what) {
  if (!outage_.failed(Clock::now())) return;
  log::error("store={} cannot be written now, what is committed waits in the files beside it: {}", options_.file.string(), what);
}

}  // namespace hubbub::store

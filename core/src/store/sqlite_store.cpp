#include "store/sqlite_store.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "store/committer.hpp"
#include "store/database_file.hpp"
#include "store/reader.hpp"
#include "store/writer.hpp"

namespace hubbub::store {
namespace {

// One turn of the reader ends after this much.
constexpr std::size_t most_records = 256;
constexpr std::size_t most_bytes = 256 * 1024;

// Records may get from memory into the tables at any time. So a question first takes those that it needs from memory, and then reads the
// tables. A question that recalls refs needs none from memory: the log's index has those of such records.
struct Open final : Question {
  Open(std::shared_ptr<Shelf> its_shelf, std::function<void(std::optional<Opening>)> its_done)
      : Question(std::move(its_shelf)), done(std::move(its_done)) {}

  void prepare() override { last = shelf->pending.last(); }
  bool read(Tables& tables, const RoomRow& row) override {
    if (row.id == 0 && last == 0 && !tables.can_add_rooms()) throw std::runtime_error("it cannot hold more rooms");
    opening = {row.epoch, std::max(row.last, last), {}};
    if (shelf->epoch != row.epoch) shelf->epoch = row.epoch;
    shelf->last = opening.last;
    first = row.first;
    if (row.id != 0) opening.snapshot = tables.snapshot(row);
    return true;
  }
  void answer() override {
    if (!holds) return done({});
    shelf->known.open(first, opening.last);
    done(std::move(opening));
  }

  const std::function<void(std::optional<Opening>)> done;
  std::uint64_t last = 0;
  Opening opening;
  std::uint64_t first = 1;
};

struct Read final : Question {
  Read(std::shared_ptr<Shelf> its_shelf, std::uint64_t its_after, std::uint64_t its_through,
       std::function<void(Reading)> its_done, Log::Reader its_reader, std::size_t its_most)
      : Question(std::move(its_shelf), std::move(its_reader)),
        next(its_after),
        through(its_through),
        most(its_most),
        done(std::move(its_done)) {}

  void prepare() override {
    last = shelf->pending.last();
    pending = shelf->pending.between(next, through);
  }
  bool read(Tables& tables, const RoomRow& row) override {
    reading.result = Reading::Result::trimmed;
    last = std::max(row.last, last);
    if (next + 1 < row.first || next > through || through > last) return true;
    reading.result = Reading::Result::whole;
    const auto before = next;
    const auto end = reading.records.size() + most_records;
    std::size_t bytes = 0;
    bool full = false;
    const auto take = [&](Record record) {
      weight += record.frame.weight();
      full = weight > most && !reading.records.empty();
      if (full) return false;
      bytes += record.frame.payload().size();
      next = record.seq;
      reading.records.push_back(std::move(record));
      return reading.records.size() < end && bytes < most_bytes;
    };
    bool goes_on = true;
    if (row.id != 0) tables.each(row, next, through, [&](Record record) { return goes_on = take(std::move(record)); });
    while (goes_on && next < through && !pending.empty() && pending.front()->record.seq <= next + 1) {
      const auto index = next + 1 - pending.front()->record.seq;
      if (index >= pending.size()) break;
      goes_on = take(pending[index]->record);
    }
    if (full) return true;
    if (next == before && next != through) {
      throw std::runtime_error("message " + std::to_string(next + 1) + " of the room " + shelf->name + " is missing");
    }
    return next == through;
  }
  void answer() override {
    if (!holds || reading.result == Reading::Result::trimmed) reading.records.clear();  // whole or not at all
    holds ? done(std::move(reading)) : done({});
  }

  std::uint64_t next;  // the last seq that was read
  const std::uint64_t through;
  const std::size_t most;
  std::size_t weight = 0;  // of the records read so far
  const std::function<void(Reading)> done;
  std::uint64_t last = 0;  // the seq of the room's newest record
  std::vector<std::shared_ptr<const Add>> pending;
  Reading reading;
};

struct Recall final : Question {
  Recall(std::shared_ptr<Shelf> its_shelf, std::uint64_t its_client) : Question(std::move(its_shelf)), client(its_client) {}

  bool read(Tables& tables, const RoomRow& row) override {
    if (row.id == 0) return true;
    if (!parts) parts = tables.parts_with(row, client);
    const auto more = tables.refs(parts->back(), client);
    refs.insert(refs.end(), more.begin(), more.end());  // newest parts first
    parts->pop_back();
    return parts->empty();
  }
  void answer() override { shelf->known.recall(client, holds, refs); }

  const std::uint64_t client;
  std::optional<std::vector<std::uint64_t>> parts;
  Refs refs;
};

class SqliteLog final : public Log {
 public:
  SqliteLog(Committer& committer, Writer& writer, store::Reader& reader, std::shared_ptr<Shelf> shelf)
      : committer_(committer), writer_(writer), reader_(reader), shelf_(std::move(shelf)) {}

  void open(std::function<void(std::optional<Opening>)> done) override {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    const auto question = std::make_shared<Open>(shelf_, std::move(done));
    then([&writer = writer_, &reader = reader_, question] { ask_behind_puts(writer, reader, question); });
  }
  void append(const Record& record, std::function<void(Append)> done) override {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    committer_.add(std::make_shared<Add>(shelf_, record, std::move(done)));
  }
  void read(std::uint64_t after, std::uint64_t through, std::function<void(Reading)> done, Log::Reader reader,
            std::size_t most) override {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    ask(std::make_shared<Read>(shelf_, after, through, std::move(done), std::move(reader), most));
  }
  void recall(std::uint64_t client, std::function<void(bool)> done) override {
    if (shelf_->known.has_all_of(client)) return done(true);
    if (shelf_->known.wait_for(client, std::move(done))) ask(std::make_shared<Recall>(shelf_, client));
  }
  std::optional<std::uint64_t> find(std::uint64_t ref) const override { return shelf_->known.find(ref); }
  void put(Snapshot snapshot) override {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    writer_.put(shelf_, std::move(snapshot));
  }

 private:
  // A snapshot may still be on its way to the writer, though the question was asked later.
  static void ask_behind_puts(Writer& writer, store::Reader& reader, const std::shared_ptr<Question>& question) {
    if (question->shelf->puts == 0) return reader.ask(question);
    writer.then([&writer, &reader, question] { ask_behind_puts(writer, reader, question); });
  }

  void ask(const std::shared_ptr<Question>& question) {
    then([&reader = reader_, question] { reader.ask(question); });
  }

  // Runs `task` when the records so far are committed. If none is under way, it waits for nobody.
  template <class Task>
  void then(Task task) {
    shelf_->under_way == 0 ? task() : committer_.then(std::move(task));
  }

  Committer& committer_;
  Writer& writer_;
  store::Reader& reader_;
  const std::shared_ptr<Shelf> shelf_;
};

}  // namespace

SqliteStore::SqliteStore(SqliteOptions options) {
  options.file = without_links(options.file);
  writer_ = std::make_unique<Writer>(options);
  try {
    reader_ = std::make_unique<Reader>(options.file, options.proof);
  } catch (const std::exception& error) {
    throw std::runtime_error("store.path: " + options.file.string() + " cannot be read: " + error.what());
  }
  committer_ = std::make_unique<Committer>(options, writer_->commit_log(), *writer_);
}

// SQLite moves the WAL into the file when its last connection closes. Only the writer's connection can do that, so the reader's
// must close first.
SqliteStore::~SqliteStore() {
  drain();
  committer_.reset();
  reader_.reset();
}

std::shared_ptr<Log> SqliteStore::log(const std::string& room, Post post) {
  return std::make_shared<SqliteLog>(*committer_, *writer_, *reader_, writer_->shelf(room, std::move(post)));
}

void SqliteStore::drain() {
  committer_->drain();
  writer_->drain();
  reader_->drain();
}

}  // namespace hubbub::store

#include "store/sqlite_store.hpp"

#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "store/reader.hpp"
#include "store/writer.hpp"

namespace hubbub::store {
namespace {

// One turn of the reader ends after this much.
constexpr std::size_t most_records = 256;
constexpr std::size_t most_bytes = 256 * 1024;

struct Open final : Question {
  Open(std::shared_ptr<Shelf> its_shelf, std::function<void(std::optional<Opening>)> its_done)
      : Question(std::move(its_shelf)), done(std::move(its_done)) {}

  bool read(Tables& tables, const RoomRow& row) override {
    opening = {row.epoch, row.last, {}};
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
  Opening opening;
  std::uint64_t first = 1;
};

struct Add final : Job {
  Add(std::shared_ptr<Shelf> its_shelf, Record its_record, std::function<void(Append)> its_done)
      : Job(std::move(its_shelf)), record(std::move(its_record)), done(std::move(its_done)) {}

  bool write(Tables& tables) override {
    auto& row = *shelf->row;
    if (record.seq != row.last + 1) return false;
    if (row.id == 0 && !tables.add(shelf->name, row)) return false;
    return tables.append(row, record);
  }
  void answer() override {
    if (holds) shelf->known.remember(record.repetition.ref, record.seq);
    done(holds ? Append::committed : Append::unavailable);
  }

  const Record record;
  const std::function<void(Append)> done;
};

struct Read final : Question {
  Read(std::shared_ptr<Shelf> its_shelf, std::uint64_t its_after, std::uint64_t its_through,
       std::function<void(Reading)> its_done, Log::Reader its_reader, std::size_t its_most)
      : Question(std::move(its_shelf), std::move(its_reader)),
        next(its_after),
        through(its_through),
        most(its_most),
        done(std::move(its_done)) {}

  bool read(Tables& tables, const RoomRow& row) override {
    reading.result = Reading::Result::trimmed;
    if (next + 1 < row.first || next > through || through > row.last) return true;
    reading.result = Reading::Result::whole;
    if (row.id == 0) return true;
    const auto before = next;
    const auto end = reading.records.size() + most_records;
    std::size_t bytes = 0;
    bool full = false;
    tables.each(row, next, through, [&](Record record) {
      weight += record.frame.weight();
      full = weight > most && !reading.records.empty();
      if (full) return false;
      bytes += record.frame.payload().size();
      next = record.seq;
      reading.records.push_back(std::move(record));
      return reading.records.size() < end && bytes < most_bytes;
    });
    if (full) return true;
    if (next == before && next != through) throw std::runtime_error("message " + std::to_string(next + 1) + " of the room " + shelf->name + " is missing");
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

struct Put final : Job {
  Put(std::shared_ptr<Shelf> its_shelf, Snapshot its_snapshot, const Retention& its_retention)
      : Job(std::move(its_shelf)), snapshot(std::move(its_snapshot)), retention(its_retention) {}

  bool write(Tables& tables) override {
    auto& row = *shelf->row;
    if (row.id == 0 || snapshot.seq > row.last) return false;
    tables.trim(row, retention, snapshot.seq);  // first, to make space for the snapshot in a full file
    tables.put(row, snapshot);
    first = row.first;
    return true;
  }
  bool may_use_reserve() const override { return true; }
  void answer() override {
    if (holds) shelf->known.forget(first);
  }

  const Snapshot snapshot;
  const Retention& retention;
  std::uint64_t first = 0;
};

class SqliteLog final : public Log {
 public:
  SqliteLog(Writer& writer, store::Reader& reader, std::shared_ptr<Shelf> shelf)
      : writer_(writer), reader_(reader), shelf_(std::move(shelf)) {}

  void open(std::function<void(std::optional<Opening>)> done) override {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    reader_.ask(std::make_unique<Open>(shelf_, std::move(done)));
  }
  void append(const Record& record, std::function<void(Append)> done) override {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    writer_.add(std::make_unique<Add>(shelf_, record, std::move(done)));
  }
  void read(std::uint64_t after, std::uint64_t through, std::function<void(Reading)> done, Log::Reader reader,
            std::size_t most) override {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    reader_.ask(std::make_unique<Read>(shelf_, after, through, std::move(done), std::move(reader), most));
  }
  void recall(std::uint64_t client, std::function<void(bool)> done) override {
    if (shelf_->known.has_all_of(client)) return done(true);
    if (shelf_->known.wait_for(client, std::move(done))) reader_.ask(std::make_unique<Recall>(shelf_, client));
  }
  std::optional<std::uint64_t> find(std::uint64_t ref) const override { return shelf_->known.find(ref); }
  void put(Snapshot snapshot) override {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    writer_.add(std::make_unique<Put>(shelf_, std::move(snapshot), writer_.retention()));
  }

 private:
  Writer& writer_;
  store::Reader& reader_;
  const std::shared_ptr<Shelf> shelf_;
};

}  // namespace

SqliteStore::SqliteStore(SqliteOptions options) {
  const auto file = options.file;
  const auto proof = options.proof;
  writer_ = std::make_unique<Writer>(std::move(options), [this] { reader_->written(); });
  try {
    reader_ = std::make_unique<Reader>(file, proof);
  } catch (const std::exception& error) {
    throw std::runtime_error("store.path: " + file.string() + " cannot be read: " + error.what());
  }
}

// SQLite moves the WAL into the file when its last connection closes. Only the writer's connection can do that, so the reader's
// must close first.
SqliteStore::~SqliteStore() {
  drain();
  reader_.reset();
}

std::shared_ptr<Log> SqliteStore::log(const std::string& room, Post post) {
  return std::make_shared<SqliteLog>(*writer_, *reader_, writer_->shelf(room, std::move(post)));
}

void SqliteStore::drain() {
  writer_->drain();
  reader_->drain();
}

}  // namespace hubbub::store

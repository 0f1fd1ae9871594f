#include "store/sqlite_store.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "store/writer.hpp"

namespace hubbub::store {
namespace {

using Refs = std::unordered_map<std::string, std::uint64_t>;
constexpr std::size_t smallest_worth_a_look = 1000;

// What find() answers from, on the room's thread. Jobs that are under way hold on to it, for the log may have gone.
class Known {
 public:
  void watch(const std::string& sender, Refs&& refs) {
    auto& its = watched_[sender];
    ++its.count;
    its.refs.merge(refs);
  }
  void unwatch(const std::string& sender) {
    const auto found = watched_.find(sender);
    if (found != watched_.end() && --found->second.count == 0) watched_.erase(found);
  }
  void remember(const Record& record) {
    if (record.ref.empty()) return;
    if (const auto found = watched_.find(record.sender); found != watched_.end()) found->second.refs[record.ref] = record.seq;
  }
  void forget(std::uint64_t before) {
    first_ = before;
    for (auto& [sender, its] : watched_) {
      if (its.refs.size() < its.worth_a_look) continue;  // so that looking costs each ref twice in all, not at every trim
      std::erase_if(its.refs, [before](const auto& ref) { return ref.second < before; });
      its.worth_a_look = std::max(2 * its.refs.size(), smallest_worth_a_look);
    }
  }
  std::optional<std::uint64_t> find(std::string_view sender, std::string_view ref) const {
    const auto watched = watched_.find(std::string{sender});
    if (watched == watched_.end()) return {};
    const auto found = watched->second.refs.find(std::string{ref});
    if (found == watched->second.refs.end() || found->second < first_) return {};
    return found->second;
  }

 private:
  struct Watched {
    std::size_t count = 0;  // of its connections
    std::size_t worth_a_look = smallest_worth_a_look;
    Refs refs;
  };
  std::uint64_t first_ = 0;  // the oldest seq that is kept
  std::unordered_map<std::string, Watched> watched_;
};

struct Open final : Job {
  Open(std::shared_ptr<Shelf> its_shelf, std::function<void(std::optional<Opening>)> its_done)
      : Job(std::move(its_shelf)), done(std::move(its_done)) {}

  void read(Tables& tables) override {
    const auto& row = shelf->row;
    opening = {row.epoch, row.last, {}};
    if (row.id != 0) opening.snapshot = tables.snapshot(row);
  }
  void answer() override { holds ? done(std::move(opening)) : done({}); }

  const std::function<void(std::optional<Opening>)> done;
  Opening opening;
};

struct Add final : Job {
  Add(std::shared_ptr<Shelf> its_shelf, Record its_record, std::shared_ptr<Known> its_known,
      std::function<void(Append)> its_done)
      : Job(std::move(its_shelf), true),
        record(std::move(its_record)),
        known(std::move(its_known)),
        done(std::move(its_done)) {}

  bool write(Tables& tables) override {
    auto& row = shelf->row;
    if (record.seq != row.last + 1) return false;
    if (row.id == 0 && !tables.add(shelf->name, row)) return false;
    return tables.append(row, record);
  }
  void answer() override {
    if (holds) known->remember(record);
    done(holds ? Append::committed : Append::unavailable);
  }

  const Record record;
  const std::shared_ptr<Known> known;
  const std::function<void(Append)> done;
};

struct Read final : Job {
  Read(std::shared_ptr<Shelf> its_shelf, std::uint64_t its_after, std::uint64_t its_through,
       std::function<void(Reading)> its_done)
      : Job(std::move(its_shelf)), after(its_after), through(its_through), done(std::move(its_done)) {}

  void read(Tables& tables) override {
    const auto& row = shelf->row;
    reading.result = Reading::Result::trimmed;
    if (after + 1 < row.first || after > through || through > row.last) return;
    reading.result = Reading::Result::whole;
    if (row.id == 0) return;
    tables.each(row, after, through, [this](Record record) { reading.records.push_back(std::move(record)); });
  }
  void answer() override { holds ? done(std::move(reading)) : done({}); }

  const std::uint64_t after, through;
  const std::function<void(Reading)> done;
  Reading reading;
};

struct Watch final : Job {
  Watch(std::shared_ptr<Shelf> its_shelf, std::string its_sender, std::shared_ptr<Known> its_known,
        std::function<void(bool)> its_done)
      : Job(std::move(its_shelf)),
        sender(std::move(its_sender)),
        known(std::move(its_known)),
        done(std::move(its_done)) {}

  void read(Tables& tables) override {
    if (shelf->row.id != 0) refs = tables.refs(shelf->row, sender);
  }
  void answer() override {
    if (holds) known->watch(sender, std::move(refs));
    done(holds);
  }

  const std::string sender;
  const std::shared_ptr<Known> known;
  const std::function<void(bool)> done;
  Refs refs;
};

struct Put final : Job {
  Put(std::shared_ptr<Shelf> its_shelf, Snapshot its_snapshot, const Retention& its_retention,
      std::shared_ptr<Known> its_known)
      : Job(std::move(its_shelf), true),
        snapshot(std::move(its_snapshot)),
        retention(its_retention),
        known(std::move(its_known)) {}

  bool write(Tables& tables) override {
    auto& row = shelf->row;
    if (row.id == 0 || snapshot.seq > row.last) return false;
    tables.put(row, snapshot);
    tables.trim(row, retention);
    return true;
  }
  void read(Tables&) override { first = shelf->row.first; }
  void answer() override {
    if (holds) known->forget(first);
  }

  const Snapshot snapshot;
  const Retention& retention;
  const std::shared_ptr<Known> known;
  std::uint64_t first = 0;
};

class SqliteLog final : public Log {
 public:
  SqliteLog(Writer& writer, std::shared_ptr<Shelf> shelf) : writer_(writer), shelf_(std::move(shelf)) {}

  void open(std::function<void(std::optional<Opening>)> done) override {
    writer_.add(std::make_unique<Open>(shelf_, std::move(done)));
  }
  void append(const Record& record, std::function<void(Append)> done) override {
    writer_.add(std::make_unique<Add>(shelf_, record, known_, std::move(done)));
  }
  void read(std::uint64_t after, std::uint64_t through, std::function<void(Reading)> done) override {
    writer_.add(std::make_unique<Read>(shelf_, after, through, std::move(done)));
  }
  void watch(const std::string& sender, std::function<void(bool)> done) override {
    writer_.add(std::make_unique<Watch>(shelf_, sender, known_, std::move(done)));
  }
  void unwatch(const std::string& sender) override { known_->unwatch(sender); }
  std::optional<std::uint64_t> find(std::string_view sender, std::string_view ref) const override {
    return known_->find(sender, ref);
  }
  void put(Snapshot snapshot) override {
    writer_.add(std::make_unique<Put>(shelf_, std::move(snapshot), writer_.retention(), known_));
  }

 private:
  Writer& writer_;
  const std::shared_ptr<Shelf> shelf_;
  const std::shared_ptr<Known> known_ = std::make_shared<Known>();
};

}  // namespace

SqliteStore::SqliteStore(SqliteOptions options) : writer_(std::make_unique<Writer>(std::move(options))) {}
SqliteStore::~SqliteStore() = default;

std::shared_ptr<Log> SqliteStore::log(const std::string& room, Post post) {
  return std::make_shared<SqliteLog>(*writer_, writer_->shelf(room, std::move(post)));
}

void SqliteStore::drain() { writer_->drain(); }

}  // namespace hubbub::store

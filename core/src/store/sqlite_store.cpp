#include "store/sqlite_store.hpp"

#include <optional>
#include <unordered_map>
#include <utility>

#include "store/writer.hpp"

namespace hubbub::store {
namespace {

using Refs = std::unordered_map<std::string, std::uint64_t>;

// What find() answers from, on the room's thread. Answers that are under way hold on to it, for the log may have gone.
struct Known {
  struct Watched {
    std::size_t count = 0;
    Refs refs;
  };

  void remember(const std::string& sender, const std::string& ref, std::uint64_t seq) {
    if (ref.empty()) return;
    if (const auto found = watched.find(sender); found != watched.end()) found->second.refs[ref] = seq;
  }

  std::unordered_map<std::string, Watched> watched;
  std::uint64_t first = 0;  // what is older was forgotten
};

class SqliteLog final : public Log {
 public:
  SqliteLog(Writer& writer, std::shared_ptr<Shelf> shelf) : writer_(writer), shelf_(std::move(shelf)) {}

  void open(std::function<void(std::optional<Opening>)> done) override {
    add({},
        [done](Tables& tables, Shelf& shelf) -> Job::Answer {
          Opening opening{shelf.row.epoch, shelf.row.last, {}};
          if (shelf.row.id != 0) opening.snapshot = tables.snapshot(shelf.row);
          return [done, opening = std::move(opening)] { done(opening); };
        },
        [done]() -> Job::Answer { return [done] { done({}); }; });
  }

  void append(Record record, std::function<void(Append)> done) override {
    add([record](Tables& tables, Shelf& shelf) {
          if (record.seq != shelf.row.last + 1) return false;
          if (shelf.row.id == 0) tables.add(shelf.name, shelf.row);
          tables.append(shelf.row, record);
          return shelf.changed = true;
        },
        [known = known_, done, sender = record.sender, ref = record.ref, seq = record.seq](Tables&, Shelf&) -> Job::Answer {
          return [known, done, sender, ref, seq] {
            known->remember(sender, ref, seq);
            done(Append::committed);
          };
        },
        [done]() -> Job::Answer { return [done] { done(Append::unavailable); }; });
  }

  void read(std::uint64_t after, std::uint64_t through, std::function<void(Reading)> done) override {
    add({},
        [done, after, through](Tables& tables, Shelf& shelf) -> Job::Answer {
          Reading reading{Reading::Result::trimmed, {}};
          const auto& row = shelf.row;
          if (after + 1 >= row.first && after <= through && through <= row.last) {
            reading.result = Reading::Result::whole;
            if (row.id != 0) {
              tables.each(row, after, through, [&](Record record) { reading.records.push_back(std::move(record)); });
            }
          }
          return [done, reading = std::move(reading)] { done(reading); };
        },
        [done]() -> Job::Answer { return [done] { done({}); }; });
  }

  void watch(const std::string& sender, std::function<void(bool)> done) override {
    add({},
        [known = known_, done, sender](Tables& tables, Shelf& shelf) -> Job::Answer {
          Refs refs;
          if (shelf.row.id != 0) refs = tables.refs(shelf.row, sender);
          return [known, done, sender, refs = std::move(refs)] {
            auto& watched = known->watched[sender];
            ++watched.count;
            watched.refs.insert(refs.begin(), refs.end());
            done(true);
          };
        },
        [done]() -> Job::Answer { return [done] { done(false); }; });
  }

  void unwatch(const std::string& sender) override {
    const auto found = known_->watched.find(sender);
    if (found != known_->watched.end() && --found->second.count == 0) known_->watched.erase(found);
  }

  std::optional<std::uint64_t> find(std::string_view sender, std::string_view ref) const override {
    const auto watched = known_->watched.find(std::string{sender});
    if (watched == known_->watched.end()) return {};
    const auto found = watched->second.refs.find(std::string{ref});
    if (found == watched->second.refs.end() || found->second < known_->first) return {};
    return found->second;
  }

  void put(Snapshot snapshot) override {
    add([snapshot, retention = writer_.retention()](Tables& tables, Shelf& shelf) {
          if (shelf.row.id == 0 || snapshot.seq > shelf.row.last) return false;
          tables.put(shelf.row, snapshot);
          tables.trim(shelf.row, retention);
          return shelf.changed = true;
        },
        [known = known_](Tables&, Shelf& shelf) -> Job::Answer {
          return [known, first = shelf.row.first] { known->first = first; };
        },
        [] { return Job::Answer{}; });
  }

 private:
  void add(decltype(Job::write) write, decltype(Job::done) done, decltype(Job::failed) failed) {
    writer_.add({shelf_, std::move(write), std::move(done), std::move(failed)});
  }

  Writer& writer_;
  std::shared_ptr<Shelf> shelf_;
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

#include "store/transfer.hpp"

#include <istream>
#include <map>
#include <ostream>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include "protocol/json.hpp"
#include "protocol/number_text.hpp"
#include "store/commit_log.hpp"
#include "store/database_file.hpp"
#include "store/recovery.hpp"
#include "store/tables.hpp"

namespace hubbub::store {
namespace {

// A store's rooms at one moment.
class StoredRooms {
 public:
  explicit StoredRooms(const std::filesystem::path& database)
      : database_(without_links(database)), tables_(open_database(database_, Database::Mode::read_only)) {
    Tables beside{open_beside(database_)};
    for (;;) {
      tables_.database().run("BEGIN");
      const auto segment = tables_.segment();  // this is the moment
      const Segments segments{database_, tables_.owner(), segment};
      if (beside.segment() == segment) {
        take(segments);
        return;
      }
      tables_.database().run("ROLLBACK");  // segments may have been removed before they were opened
    }
  }

  std::vector<std::string> names() {
    auto names = tables_.rooms();
    std::set<std::string> all{names.begin(), names.end()};
    for (const auto& [name, its] : committed_) all.insert(name);
    return {all.begin(), all.end()};
  }

  void read(const std::string& name, RoomReader& to);

  // Whether everything that was committed could be read, of the rooms that were read.
  bool is_whole() const { return is_whole_; }

 private:
  void take(const Segments& segments) {
    const auto outcome = segments.read([&](std::string room, std::string epoch, Record record) {
      auto& its = committed_[std::move(room)];
      its.epoch = std::move(epoch);
      its.records.push_back(std::move(record));
    });
    is_whole_ = outcome.unread == 0 && !outcome.is_missing;
  }

  struct Committed {
    std::string epoch;
    std::vector<Record> records;
  };

  const std::filesystem::path database_;
  Tables tables_;
  bool is_whole_ = true;
  std::map<std::string, Committed> committed_;  // by room; those of the first records may be in the tables
};

void StoredRooms::read(const std::string& name, RoomReader& to) {
  auto found = tables_.room(name);
  const auto committed = committed_.find(name);
  if (!found && committed == committed_.end()) throw std::runtime_error(database_.string() + " has no room " + json_text(name));
  const auto row = found ? std::move(*found) : RoomRow{.epoch = committed->second.epoch};
  to.begin(name, row.epoch, row.first);
  tables_.each(row, row.first - 1, row.last, [&](Record record) { return to.append(std::move(record)), true; });
  if (committed != committed_.end()) {
    auto last = row.last;
    for (const auto& record : committed->second.records) {
      if (record.seq == last + 1) to.append(record), ++last;
      if (record.seq > last) is_whole_ = false;
    }
  }
  if (!found) return;
  const auto snapshot = tables_.snapshot(row);
  if (!snapshot) return;
  if (Json::accept(snapshot->state)) return to.put(*snapshot);
  if (row.first == 1) return;  // the log is complete: the snapshot is not needed
  throw std::runtime_error("the snapshot of " + json_text(name) + " in " + database_.string() +
                           " is not JSON, and the log does not reach back to the room's beginning; restore a backup");
}

// Writes rooms as lines.
class Export final : public RoomReader {
 public:
  explicit Export(std::ostream& to) : to_(to) {}

  void begin(const std::string& room, const std::string& epoch, std::uint64_t first) override {
    room_ = R"({"room":)" + json_text(room);
    to_ << room_ << R"(,"epoch":)" << json_text(epoch) << R"(,"first":)" << first << "}\n";
  }

  void append(Record record) override {
    to_ << room_ << R"(,"seq":)" << record.seq << R"(,"plugin":)" << json_text(record.plugin) << R"(,"version":)"
        << json_text(record.version);
    const auto& [client, ref, asked] = record.repetition;
    if (ref != 0) to_ << R"(,"client":")" << number_text(client) << R"(","asked":")" << number_text(asked) << '"';
    to_ << R"(,"message":)" << record.frame.payload() << "}\n";
  }

  void put(const Snapshot& snapshot) override {
    to_ << room_ << R"(,"snapshot":)" << snapshot.seq << R"(,"state":)" << snapshot.state << "}\n";
  }

 private:
  std::ostream& to_;
  std::string room_;  // the beginning of each line of the current room
};

// Writes rooms into the tables.
class Import final : public RoomReader {
 public:
  explicit Import(Tables& tables) : tables_(tables) {}

  void begin(const std::string& room, const std::string& epoch, std::uint64_t first) override {
    if (tables_.room(room)) throw std::runtime_error("the store already has this room; import it into another store");
    row_ = {};
    row_.epoch = epoch;
    row_.first = first;
    row_.last = first - 1;
    if (!tables_.add(room, row_)) throw std::runtime_error("the file cannot hold more rooms");
    ++rooms_;
  }

  void append(Record record) override {
    if (!tables_.append(row_, record)) throw std::runtime_error("the room cannot hold more messages");
  }

  void put(const Snapshot& snapshot) override { tables_.put(row_, snapshot); }

  std::size_t rooms() const { return rooms_; }

 private:
  Tables& tables_;
  RoomRow row_;
  std::size_t rooms_ = 0;
};

}  // namespace

void read_room(const std::filesystem::path& database, const std::string& room, RoomReader& to) {
  StoredRooms{database}.read(room, to);
}

Exported export_rooms(const std::filesystem::path& database, std::ostream& to, const std::optional<std::string>& room) {
  StoredRooms rooms{database};
  const auto names = room ? std::vector{*room} : rooms.names();
  Export lines{to};
  for (const auto& name : names) rooms.read(name, lines);
  to.flush();
  if (!to) throw std::runtime_error("the export could not be written");
  return {names.size(), rooms.is_whole()};
}

void read_rooms(std::istream& from, const std::string& name, RoomReader& to) {
  RoomLines lines{to};
  try {
    for (std::string line; std::getline(from, line);) lines.take(line);
    lines.end();
  } catch (const std::exception& error) {
    throw std::runtime_error(name + ":" + std::to_string(lines.number()) + ": " + error.what());
  }
}

std::size_t import_rooms(const std::filesystem::path& database, std::istream& from, const std::string& name) {
  const auto file = without_links(database);
  const FileLock lock{file};
  Tables tables{open_database(file, Database::Mode::create)};
  recover(tables, file);
  tables.database().run("BEGIN IMMEDIATE");
  Import import{tables};
  read_rooms(from, name, import);
  tables.database().run("COMMIT");
  return import.rooms();
}

}  // namespace hubbub::store

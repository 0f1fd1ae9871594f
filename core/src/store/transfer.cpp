#include "store/transfer.hpp"

#include <istream>
#include <ostream>
#include <stdexcept>
#include <utility>

#include "protocol/json.hpp"
#include "protocol/number_text.hpp"
#include "store/database_file.hpp"
#include "store/tables.hpp"

namespace hubbub::store {
namespace {

Tables open_to_read(const std::filesystem::path& database) {
  Tables tables{open_database(database, Database::Mode::read_only)};
  tables.database().run("BEGIN");  // so that all that is read is from one moment
  return tables;
}

void read(Tables& tables, const std::filesystem::path& database, const std::string& name, RoomReader& to) {
  const auto row = tables.room(name);
  if (!row) throw std::runtime_error(database.string() + " has no room " + json_text(name));
  to.begin(name, row->epoch, row->first);
  tables.each(*row, row->first - 1, row->last, [&](Record record) { return to.append(std::move(record)), true; });
  const auto snapshot = tables.snapshot(*row);
  if (!snapshot) return;
  if (Json::accept(snapshot->state)) return to.put(*snapshot);
  if (row->first == 1) return;  // the log is complete: the snapshot is not needed
  throw std::runtime_error("the snapshot of " + json_text(name) + " in " + database.string() +
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
  auto tables = open_to_read(database);
  read(tables, database, room, to);
}

std::size_t export_rooms(const std::filesystem::path& database, std::ostream& to, const std::optional<std::string>& room) {
  auto tables = open_to_read(database);
  const auto names = room ? std::vector{*room} : tables.rooms();
  Export lines{to};
  for (const auto& name : names) read(tables, database, name, lines);
  to.flush();
  if (!to) throw std::runtime_error("the export could not be written");
  return names.size();
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
  const FileLock lock{database};
  Tables tables{open_database(database, Database::Mode::create)};
  tables.database().run("BEGIN IMMEDIATE");
  Import import{tables};
  read_rooms(from, name, import);
  tables.database().run("COMMIT");
  return import.rooms();
}

}  // namespace hubbub::store

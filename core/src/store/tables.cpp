#include "store/tables.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace hubbub::store {
namespace {

std::int64_t unix_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

Tables::Tables(Database database)
    : database_(std::move(database)),
      rooms_(database_.prepare("SELECT name FROM rooms ORDER BY name")),
      room_(database_.prepare("SELECT id, epoch, first, bytes, (SELECT max(seq) FROM records WHERE room = id) "
                              "FROM rooms WHERE name = ?")),
      add_(database_.prepare("INSERT INTO rooms (name, epoch, first, bytes) VALUES (?, ?, ?, ?) RETURNING id")),
      update_(database_.prepare("UPDATE rooms SET first = ?, bytes = ? WHERE id = ?")),
      append_(database_.prepare("INSERT INTO records (room, seq, ts, plugin, version, sender, ref, message) "
                                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)")),
      oldest_(database_.prepare("SELECT seq, ts, message FROM records WHERE room = ? AND seq <= ? ORDER BY seq")),
      delete_(database_.prepare("DELETE FROM records WHERE room = ? AND seq < ?")),
      each_(database_.prepare("SELECT seq, ts, plugin, version, sender, ref, message FROM records "
                              "WHERE room = ? AND seq > ? AND seq <= ? ORDER BY seq")),
      refs_(database_.prepare("SELECT ref, seq FROM records WHERE room = ? AND sender = ? AND ref != ''")),
      snapshot_(database_.prepare("SELECT seq, state FROM snapshots WHERE room = ?")),
      put_(database_.prepare("INSERT INTO snapshots (room, seq, state) VALUES (?, ?, ?) "
                             "ON CONFLICT (room) DO UPDATE SET seq = excluded.seq, state = excluded.state")),
      older_(database_.prepare("SELECT name FROM rooms JOIN snapshots ON snapshots.room = rooms.id WHERE EXISTS "
                               "(SELECT 1 FROM records WHERE room = rooms.id AND seq = rooms.first "
                               "AND seq <= snapshots.seq AND ts < ?) LIMIT ?")) {}

std::vector<std::string> Tables::rooms() {
  std::vector<std::string> names;
  for (rooms_.reset(); rooms_.step();) names.emplace_back(rooms_.text(0));
  rooms_.reset();
  return names;
}

std::optional<RoomRow> Tables::room(std::string_view name) {
  if (!room_.with(name).step()) return {};
  RoomRow row;
  row.id = room_.integer(0);
  row.epoch = room_.text(1);
  row.first = static_cast<std::uint64_t>(room_.integer(2));
  row.bytes = static_cast<std::uint64_t>(room_.integer(3));
  row.last = std::max(static_cast<std::uint64_t>(room_.integer(4)), row.first - 1);  // 0 where no record is kept
  room_.reset();
  return row;
}

void Tables::add(std::string_view name, RoomRow& room) {
  add_.with(name, std::string_view{room.epoch}, room.first, room.bytes).step();
  room.id = add_.integer(0);
  add_.run();
}

void Tables::update(const RoomRow& room) { update_.with(room.first, room.bytes, room.id).run(); }

void Tables::append(RoomRow& room, const Record& record) {
  const auto message = record.frame.payload();
  append_
      .with(room.id, record.seq, record.ts, std::string_view{record.plugin}, std::string_view{record.version},
            std::string_view{record.sender}, std::string_view{record.ref}, message)
      .run();
  room.last = record.seq;
  room.bytes += message.size();
}

void Tables::trim(RoomRow& room, const Retention& retention) {
  const auto newest = snapshot(room);
  if (!newest) return;
  const auto before = room.first;
  const auto now = unix_ms();
  for (oldest_.with(room.id, newest->seq); oldest_.step();) {
    const auto seq = static_cast<std::uint64_t>(oldest_.integer(0));
    const bool kept = room.last - seq < retention.messages && room.bytes <= retention.bytes &&
                      now - oldest_.integer(1) <= retention.age.count();
    if (kept) break;
    room.bytes -= oldest_.text(2).size();
    room.first = seq + 1;
  }
  oldest_.reset();
  if (room.first != before) delete_.with(room.id, room.first).run();
}

void Tables::each(const RoomRow& room, std::uint64_t after, std::uint64_t through,
                  const std::function<void(Record)>& take) {
  for (each_.with(room.id, after, through); each_.step();) {
    Record record{static_cast<std::uint64_t>(each_.integer(0)),
                  each_.integer(1),
                  std::string{each_.text(2)},
                  std::string{each_.text(3)},
                  std::string{each_.text(4)},
                  std::string{each_.text(5)},
                  Frame::copy(each_.text(6))};
    take(std::move(record));
  }
  each_.reset();
}

std::unordered_map<std::string, std::uint64_t> Tables::refs(const RoomRow& room, std::string_view sender) {
  std::unordered_map<std::string, std::uint64_t> found;
  for (refs_.with(room.id, sender); refs_.step();) {
    found[std::string{refs_.text(0)}] = static_cast<std::uint64_t>(refs_.integer(1));
  }
  refs_.reset();
  return found;
}

std::optional<Snapshot> Tables::snapshot(const RoomRow& room) {
  if (!snapshot_.with(room.id).step()) return {};
  Snapshot found{static_cast<std::uint64_t>(snapshot_.integer(0)), std::string{snapshot_.text(1)}};
  snapshot_.reset();
  return found;
}

void Tables::put(const RoomRow& room, const Snapshot& snapshot) {
  put_.with(room.id, snapshot.seq, std::string_view{snapshot.state}).run();
}

std::vector<std::string> Tables::rooms_older_than(std::chrono::milliseconds age, std::size_t most) {
  std::vector<std::string> names;
  for (older_.with(unix_ms() - age.count(), std::uint64_t{most}); older_.step();) names.emplace_back(older_.text(0));
  older_.reset();
  return names;
}

}  // namespace hubbub::store

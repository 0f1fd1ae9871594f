#include "store/tables.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "store/last_seq.hpp"

namespace hubbub::store {
namespace {

// A record's id combines the room's id and the seq, so that a room's records are stored together and in order.
constexpr int seq_bits = 38;
static_assert(last_seq == (std::uint64_t{1} << seq_bits) - 1);
constexpr std::int64_t spare_rooms = 1'000'000;  // that may have been opened, and have nothing in the tables yet
constexpr std::int64_t last_room = (std::int64_t{1} << (63 - seq_bits)) - 1;

std::uint64_t record_id(const RoomRow& room, std::uint64_t seq) {
  return (static_cast<std::uint64_t>(room.id) << seq_bits) + std::min(seq, last_seq);
}
std::uint64_t seq_of(std::int64_t record_id) { return static_cast<std::uint64_t>(record_id) & last_seq; }

// Records are grouped in blocks of 2^9 ids. When a block is full, the table `clients` gets the clients that have a ref in it: an
// index of every record would cost more than everything else together. A client's refs are then searched in its blocks, and
// always in the newest block, which is not full yet.
constexpr int block_bits = 9;

std::uint64_t block(std::uint64_t record_id) { return record_id >> block_bits; }
std::uint64_t before(std::uint64_t block) { return (block << block_bits) - 1; }

std::int64_t unix_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

Tables::Tables(Database database)
    : database_(std::move(database)),
      store_(database_.prepare("SELECT id, segment FROM store")),
      set_segment_(database_.prepare("UPDATE store SET segment = ?")),
      last_room_(database_.prepare("SELECT ifnull(max(id), 0) FROM rooms")),
      rooms_(database_.prepare("SELECT name FROM rooms ORDER BY name")),
      room_(database_.prepare("SELECT id, epoch, first FROM rooms WHERE name = ?")),
      last_(database_.prepare("SELECT id, bytes_before + length(CAST(message AS BLOB)) FROM records "
                              "WHERE id > ? AND id <= ? ORDER BY id DESC LIMIT 1")),
      add_(database_.prepare("INSERT INTO rooms (name, epoch, first) SELECT ?, ?, ? "
                             "WHERE ifnull((SELECT max(id) FROM rooms), 0) < ? RETURNING id")),
      first_(database_.prepare("UPDATE rooms SET first = ? WHERE id = ?")),
      append_(database_.prepare("INSERT INTO records (id, ts, plugin, version, client, ref, asked, bytes_before, message) "
                                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")),
      oldest_(database_.prepare("SELECT id, ts, bytes_before FROM records WHERE id > ? AND id <= ? ORDER BY id")),
      delete_(database_.prepare("DELETE FROM records WHERE id > ? AND id < ?")),
      each_(database_.prepare("SELECT id, ts, plugin, version, client, ref, asked, message FROM records "
                              "WHERE id > ? AND id <= ? ORDER BY id")),
      note_(database_.prepare("INSERT OR IGNORE INTO clients SELECT DISTINCT ?, client FROM records "
                              "WHERE id > ? AND id <= ? AND ref != 0")),
      unnote_(database_.prepare("DELETE FROM clients WHERE block >= ? AND block < ?")),
      blocks_(database_.prepare("SELECT block FROM clients WHERE block >= ? AND block < ? AND client = ?")),
      refs_(database_.prepare("SELECT ref, id FROM records WHERE id > ? AND id <= ? AND client = ? AND ref != 0")),
      snapshot_(database_.prepare("SELECT seq, state FROM snapshots WHERE room = ?")),
      put_(database_.prepare("INSERT INTO snapshots (room, seq, state) VALUES (?, ?, ?) "
                             "ON CONFLICT (room) DO UPDATE SET seq = excluded.seq, state = excluded.state")),
      covered_(database_.prepare("SELECT id, name, seq FROM rooms JOIN snapshots ON room = id WHERE id > ? ORDER BY id LIMIT ?")),
      pages_(database_.prepare("PRAGMA page_count")),
      unused_pages_(database_.prepare("PRAGMA freelist_count")) {}

std::uint64_t Tables::of_store(int column) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  store_.reset();
  const auto value = store_.step() ? static_cast<std::uint64_t>(store_.integer(column)) : 0;
  store_.reset();
  return value;
}

std::uint64_t Tables::owner() { return of_store(0); }
std::uint64_t Tables::segment() { return of_store(1); }
void Tables::set_segment(std::uint64_t number) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  set_segment_.with(number).run();
}

bool Tables::can_add_rooms() {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  last_room_.reset();
  const bool can = last_room_.step() && last_room_.integer(0) < last_room - spare_rooms;
  last_room_.reset();
  return can;
}

std::vector<std::string> Tables::rooms() {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  std::vector<std::string> names;
  for (rooms_.reset(); rooms_.step();) names.emplace_back(rooms_.text(0));
  rooms_.reset();
  return names;
}

std::optional<RoomRow> Tables::room(std::string_view name) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  if (!room_.with(name).step()) return {};
  RoomRow row;
  row.id = room_.integer(0);
  row.epoch = room_.text(1);
  row.first = static_cast<std::uint64_t>(room_.integer(2));
  row.last = row.first - 1;
  room_.reset();
  if (last_.with(record_id(row, 0), record_id(row, last_seq)).step()) {
    row.last = seq_of(last_.integer(0));
    row.bytes = static_cast<std::uint64_t>(last_.integer(1));
    last_.reset();
  }
  return row;
}

bool Tables::add(std::string_view name, RoomRow& room) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  if (!add_.with(name, std::string_view{room.epoch}, room.first, last_room).step()) return false;
  room.id = add_.integer(0);
  add_.run();
  return true;
}

bool Tables::append(RoomRow& room, const Record& record) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  if (record.seq > last_seq) return false;
  const auto message = record.frame.payload();
  const auto& repetition = record.repetition;
  append_
      .with(record_id(room, record.seq), record.ts, std::string_view{record.plugin}, std::string_view{record.version},
            repetition.client, repetition.ref, repetition.asked, room.bytes, message)
      .run();
  room.last = record.seq;
  room.bytes += message.size();
  const auto id = record_id(room, record.seq), full = block(id);
  if (block(id + 1) != full) note_.with(full, before(full), id).run();
  return true;
}

std::size_t Tables::trim(RoomRow& room, const Retention& retention, std::uint64_t covered, std::size_t most) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  const auto before = room.first;
  const auto now = unix_ms();
  for (oldest_.with(record_id(room, 0), record_id(room, covered)); room.first - before < most && oldest_.step();) {
    const auto seq = seq_of(oldest_.integer(0));
    const auto bytes = room.bytes - static_cast<std::uint64_t>(oldest_.integer(2));  // of this record and all after it
    const bool kept = room.last - seq < retention.messages && bytes <= retention.bytes &&
                      now - oldest_.integer(1) <= retention.age.count();
    if (kept) break;
    room.first = seq + 1;
  }
  oldest_.reset();
  if (room.first == before) return 0;
  delete_.with(record_id(room, 0), record_id(room, room.first)).run();
  unnote_.with(block(record_id(room, 0)), block(record_id(room, room.first))).run();
  first_.with(room.first, room.id).run();
  return room.first - before;
}

void Tables::each(const RoomRow& room, std::uint64_t after, std::uint64_t through,
                  const std::function<bool(Record)>& take) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  const auto number = [this](int column) { return static_cast<std::uint64_t>(each_.integer(column)); };
  for (each_.with(record_id(room, after), record_id(room, through)); each_.step();) {
    Record record{seq_of(each_.integer(0)),
                  each_.integer(1),
                  std::string{each_.text(2)},
                  std::string{each_.text(3)},
                  {number(4), number(5), number(6)},
                  Frame::copy(each_.text(7))};
    if (!take(std::move(record))) break;
  }
  each_.reset();
}

std::vector<std::uint64_t> Tables::parts_with(const RoomRow& room, std::uint64_t client) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  std::vector<std::uint64_t> blocks;
  const auto newest = block(record_id(room, room.last));
  for (blocks_.with(block(record_id(room, 0)), newest, client); blocks_.step();) {
    blocks.push_back(static_cast<std::uint64_t>(blocks_.integer(0)));
  }
  blocks_.reset();
  blocks.push_back(newest);
  return blocks;
}

Refs Tables::refs(std::uint64_t part, std::uint64_t client) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  Refs found;
  for (refs_.with(before(part), before(part + 1), client); refs_.step();) {
    found.emplace_back(static_cast<std::uint64_t>(refs_.integer(0)), seq_of(refs_.integer(1)));
  }
  refs_.reset();
  return found;
}

std::optional<Snapshot> Tables::snapshot(const RoomRow& room) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  if (!snapshot_.with(room.id).step()) return {};
  Snapshot found{static_cast<std::uint64_t>(snapshot_.integer(0)), std::string{snapshot_.text(1)}};
  snapshot_.reset();
  return found;
}

void Tables::put(const RoomRow& room, const Snapshot& snapshot) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  put_.with(room.id, snapshot.seq, std::string_view{snapshot.state}).run();
}

std::vector<Covered> Tables::covered_rooms(std::int64_t after, std::size_t most) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  std::vector<Covered> rooms;
  for (covered_.with(after, std::uint64_t{most}); covered_.step();) {
    rooms.push_back({covered_.integer(0), std::string{covered_.text(1)}, static_cast<std::uint64_t>(covered_.integer(2))});
  }
  covered_.reset();
  return rooms;
}

std::int64_t Tables::free_pages(std::int64_t bound) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  const auto number = [](Statement& statement) {
    const auto value = statement.step() ? statement.integer(0) : 0;
    statement.reset();
    return value;
  };
  return bound - number(pages_) + number(unused_pages_);
}

}  // namespace hubbub::store

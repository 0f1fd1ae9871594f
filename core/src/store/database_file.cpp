#include "store/database_file.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string>

namespace hubbub::store {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto busy_timeout = "PRAGMA busy_timeout = 1000";  // ms
constexpr std::int64_t application_id = 0x48756262;  // "Hubb", as SQLite's header holds it
constexpr auto longest_check = 2s;                   // at the start; damage beyond it is found when the data is read

// Pages of 4 KiB. A checkpoint waits for the disk. If checkpoints are rare, a page that changes often is written once.
constexpr int pages_between_checkpoints = 8192;

// migrations[i] upgrades the layout from version i to version i + 1.
constexpr std::array<const char*, 4> migrations = {R"(
  CREATE TABLE rooms (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    epoch TEXT NOT NULL,
    first INTEGER NOT NULL,  -- the seq of the oldest record that is kept, or of the next one
    bytes INTEGER NOT NULL   -- of the messages that are kept
  ) STRICT;
  CREATE TABLE records (
    room INTEGER NOT NULL REFERENCES rooms,
    seq INTEGER NOT NULL,
    ts INTEGER NOT NULL,     -- ms since 1970
    plugin TEXT NOT NULL,
    version TEXT NOT NULL,
    sender TEXT NOT NULL,
    ref TEXT NOT NULL,       -- JSON; empty where there was none
    message TEXT NOT NULL,   -- JSON, as the room's members got it
    PRIMARY KEY (room, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX refs ON records (room, sender, ref) WHERE ref != '';
  CREATE TABLE snapshots (
    room INTEGER PRIMARY KEY REFERENCES rooms,
    seq INTEGER NOT NULL,    -- of the last record that is in the state
    state TEXT NOT NULL      -- JSON: the plugins' states by name
  ) STRICT;
)",
                                                     R"(
  CREATE TABLE new_records (
    id INTEGER PRIMARY KEY,         -- the room's id * 2^38 + seq
    ts INTEGER NOT NULL,            -- ms since 1970
    plugin TEXT NOT NULL,
    version TEXT NOT NULL,
    sender TEXT NOT NULL,
    ref TEXT NOT NULL,              -- JSON; empty where there was none
    bytes_before INTEGER NOT NULL,  -- of the room's messages before this one
    message TEXT NOT NULL           -- JSON, as the room's members got it
  ) STRICT;
  INSERT INTO new_records
    SELECT (room << 38) + seq, ts, plugin, version, sender, ref,
           ifnull(sum(length(CAST(message AS BLOB))) OVER (PARTITION BY room ORDER BY seq
                                                           ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0),
           message
    FROM records ORDER BY room, seq;
  DROP TABLE records;
  ALTER TABLE new_records RENAME TO records;
  CREATE TABLE senders (            -- of records with a ref, by each full block of 2^9 ids
    block INTEGER NOT NULL,         -- id >> 9
    sender TEXT NOT NULL,
    PRIMARY KEY (block, sender)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO senders SELECT DISTINCT id >> 9, sender FROM records WHERE ref != '' ORDER BY 1, 2;
  CREATE TABLE new_rooms (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    epoch TEXT NOT NULL,
    first INTEGER NOT NULL          -- the seq of the oldest record that is kept, or of the next one
  ) STRICT;
  INSERT INTO new_rooms SELECT id, name, epoch, first FROM rooms;
  DROP TABLE rooms;
  ALTER TABLE new_rooms RENAME TO rooms;
)",
                                                     R"(
  CREATE TABLE new_records (
    id INTEGER PRIMARY KEY,         -- the room's id * 2^38 + seq
    ts INTEGER NOT NULL,            -- ms since 1970
    plugin TEXT NOT NULL,
    version TEXT NOT NULL,
    client INTEGER NOT NULL,        -- these three are what the message is known by when it is sent again (see Repetition);
    ref INTEGER NOT NULL,           -- 0 where there was no ref, and where only the sender's id was known
    asked INTEGER NOT NULL,
    bytes_before INTEGER NOT NULL,  -- of the room's messages before this one
    message TEXT NOT NULL           -- JSON, as the room's members got it
  ) STRICT;
  INSERT INTO new_records SELECT id, ts, plugin, version, 0, 0, 0, bytes_before, message FROM records ORDER BY id;
  DROP TABLE records;
  ALTER TABLE new_records RENAME TO records;
  DROP TABLE senders;
  CREATE TABLE clients (            -- of records with a ref, by each full block of 2^9 ids
    block INTEGER NOT NULL,         -- id >> 9
    client INTEGER NOT NULL,
    PRIMARY KEY (block, client)
  ) STRICT, WITHOUT ROWID;
)",
                                                     R"(
  CREATE TABLE store (
    id INTEGER NOT NULL,            -- so that the files beside this one are known to belong to it
    segment INTEGER NOT NULL        -- the number of the last of them whose records are all here
  ) STRICT;
  INSERT INTO store VALUES (random(), 0);
)"};

constexpr auto newest = static_cast<std::int64_t>(migrations.size());

std::string layouts(std::int64_t version) {
  return "layout " + std::to_string(version) + ", this one knows " + std::to_string(newest);
}

[[noreturn]] void refuse(const fs::path& file, const std::string& why) {
  throw std::runtime_error("store.path: " + file.string() + " " + why);
}

constexpr auto damaged =
    " It was not changed. Replace it with a backup, or move it, its -wal file and its -commits- files away and start afresh";

// Checks whether the file is intact, as far as that can be done within `longest_check`.
void check_whole(const fs::path& file, Database& database) {
  auto until = std::chrono::steady_clock::now() + longest_check;
  sqlite3_progress_handler(
      database.handle(), 100'000,
      [](void* end) { return std::chrono::steady_clock::now() > *static_cast<decltype(until)*>(end) ? 1 : 0; }, &until);
  try {
    auto check = database.prepare("PRAGMA quick_check(1)");
    if (check.step() && check.text(0) != "ok") refuse(file, "is damaged: " + std::string{check.text(0)} + "." + damaged);
  } catch (const SqliteError& error) {
    if (error.code() != SQLITE_INTERRUPT) throw;
  }
  sqlite3_progress_handler(database.handle(), 0, nullptr, nullptr);
}

void migrate(Database& database, std::int64_t version) {
  database.run("BEGIN IMMEDIATE");
  for (auto at = static_cast<std::size_t>(version); at < migrations.size(); ++at) database.run(migrations.at(at));
  database.run("PRAGMA application_id = " + std::to_string(application_id));
  database.run("PRAGMA user_version = " + std::to_string(newest));
  database.run("COMMIT");
}

void check_no_directory(const fs::path& file) {
  std::error_code error;
  if (fs::is_directory(file, error)) refuse(file, "is a directory; name a file in it");
}

Database open_checked(const fs::path& file, Database::Mode mode) {
  check_no_directory(file);
  Database database{file, mode};
  if (mode == Database::Mode::create && sqlite3_db_readonly(database.handle(), "main") == 1) {
    refuse(file, "cannot be written to; make it writable");
  }
  database.run(busy_timeout);
  const auto version = database.number("PRAGMA user_version");
  const bool empty = database.number("SELECT count(*) FROM sqlite_schema") == 0;
  if (!empty && database.number("PRAGMA application_id") != application_id) {
    refuse(file, "is a database, but not hubbub's; name another file");
  }
  if (version > newest) {
    refuse(file, "was written by a newer hubbub (" + layouts(version) + "); run that one, or name another file");
  }
  if (mode == Database::Mode::read_only) {
    if (empty) refuse(file, "holds no rooms");
    if (version < newest) {
      refuse(file, "was written by an older hubbub (" + layouts(version) + "); start this version of the server on it once, to upgrade it");
    }
  }
  check_whole(file, database);
  if (mode == Database::Mode::create) {
    database.run("PRAGMA journal_mode = WAL");
    database.run("PRAGMA wal_autocheckpoint = " + std::to_string(pages_between_checkpoints));
    if (version < newest) migrate(database, version);
  }
  return database;
}

}  // namespace

fs::path without_links(fs::path file) {
  constexpr int longest_chain = 40;  // as in the kernel
  std::error_code error;
  for (int links = 0; links < longest_chain && fs::is_symlink(file, error); ++links) file = file.parent_path() / fs::read_symlink(file, error);
  const auto whole = fs::weakly_canonical(file, error);
  return error ? file : whole;
}

FileLock::FileLock(const fs::path& database) {
  check_no_directory(database);
  const auto file = fs::path{database} += ".lock";
  std::error_code error;
  if (database.has_parent_path() && fs::create_directories(database.parent_path(), error)) {
    fs::permissions(database.parent_path(), fs::perms::owner_all, error);  // other users must not read what people say
  }
  if (error) refuse(database, "cannot be made: " + error.message() + "; make its directory, or name another");
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor_ < 0) refuse(database, std::string{"cannot be locked: "} + std::strerror(errno) + "; make its directory writable");
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    ::close(descriptor_);
    refuse(database, "is in use by another hubbub; stop that one, or name another file");
  }
}

FileLock::~FileLock() { ::close(descriptor_); }

Database open_beside(const fs::path& file) {
  Database database{file, Database::Mode::read_only};
  database.run(busy_timeout);
  return database;
}

Database open_database(const fs::path& file, Database::Mode mode) {
  try {
    return open_checked(file, mode);
  } catch (const SqliteError& error) {
    if (error.code() == SQLITE_NOTADB) refuse(file, "is not a database; name another file");
    if (error.code() == SQLITE_CORRUPT) refuse(file, std::string{"is damaged: "} + error.what() + "." + damaged);
    refuse(file, std::string{"cannot be opened: "} + error.what());
  }
}

}  // namespace hubbub::store

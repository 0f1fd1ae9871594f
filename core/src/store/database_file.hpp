// The store's SQLite file: its lock, the check whether it is intact, and the layout of its tables.
//
// The tables: `store` has one row, about the commit log (see Tables); `rooms` has a row for each room in which something was ever logged;
// `records` has the log's entries, with the exact bytes that members got; `clients` says which clients are in which records;
// `snapshots` has the newest state of each room's plugins. The layout has a version (SQLite's user_version). An older layout is upgraded when the file is opened for
// writing; a newer one is refused.
#pragma once

#include <filesystem>

#include "store/sqlite.hpp"

namespace hubbub::store {

// The file that a path names: what stands beside it must not depend on the link by which it was reached.
std::filesystem::path without_links(std::filesystem::path file);

// Lets one process at a time write to the file. Released with the object, or when the process ends, however it ends.
class FileLock {
 public:
  // Throws std::runtime_error if another process has the lock.
  explicit FileLock(const std::filesystem::path& database);
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  int descriptor_;
};

// Opens the file; with Mode::create, creates a missing file and its directory. Throws std::runtime_error, which says what is
// wrong and what to do, if the file belongs to another program, was written by a newer hubbub, is damaged or cannot be opened.
// Such a file is not changed.
Database open_database(const std::filesystem::path& file, Database::Mode mode);

// Opens a second connection, for reading, to a file that open_database() has opened. Throws SqliteError.
Database open_beside(const std::filesystem::path& file);

}  // namespace hubbub::store

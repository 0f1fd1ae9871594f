// The file that rooms are stored in: who may open it, that it is whole, and the layout of its tables.
//
// The tables: `rooms` has one row for each room that something was ever logged in, `records` the log's entries with the very
// bytes that members got, `clients` which clients are in them, `snapshots` the newest state of each room's plugins. The layout has a version (SQLite's
// user_version); an older one is brought forward when the file is opened for writing, a newer one is refused.
#pragma once

#include <filesystem>

#include "store/sqlite.hpp"

namespace hubbub::store {

// The one process that writes to the file. Released with the object, or when the process ends, however it ends.
class FileLock {
 public:
  // Throws std::runtime_error where another process has it.
  explicit FileLock(const std::filesystem::path& database);
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  int descriptor_;
};

// Opens the file, which is made with its directory where there is none (`create`). Throws std::runtime_error that says what
// is wrong and what to do: another program's database, a newer hubbub's, damaged, not to be opened. It is left as it was.
Database open_database(const std::filesystem::path& file, Database::Mode mode);

// Opens a file for reading beside the database that open_database() made of it. Throws SqliteError.
Database open_beside(const std::filesystem::path& file);

}  // namespace hubbub::store

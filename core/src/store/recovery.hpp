// What is committed (see CommitLog) and must be in the tables.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "store/log.hpp"
#include "store/tables.hpp"

namespace hubbub::store {

// Puts a record into the tables, unless it is there; `row` is the room's, and is updated. Returns false if the record cannot be put
// there, because the one before it is missing or the file can hold no more rooms. Throws SqliteError.
bool put_record(Tables& tables, const std::string& room, RoomRow& row, const Record& record);

// Puts everything into the tables that the previous process has committed, then removes the segments. Nobody else may be using the file.
// Throws std::runtime_error.
void recover(Tables& tables, const std::filesystem::path& database);

}  // namespace hubbub::store

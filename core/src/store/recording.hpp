// One room's log as it was at one moment, in memory: read out of a store's file, or out of what `hubbub export` wrote.
#pragma once

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "store/log.hpp"

namespace hubbub::store {

struct Recording {
  std::string epoch;
  std::uint64_t first = 1;  // the seq of the oldest record, or of the next one
  std::vector<Record> records = {};
  std::optional<Snapshot> snapshot = {};
};

struct RecordedRoom {
  std::string name;
  Recording log;
};

// The room of that name, or with an empty one the only room in `from`, which errors call `name`. Throws std::runtime_error
// with what is wrong, and with the line where it is one that is.
RecordedRoom read_recorded(std::istream& from, const std::string& name, const std::string& room);

// The same out of a store's file; a server may be using it meanwhile.
RecordedRoom read_stored(const std::filesystem::path& database, const std::string& room);

}  // namespace hubbub::store

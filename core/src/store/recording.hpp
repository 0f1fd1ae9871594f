// One room's log at one moment, in memory: read from a store's file, or from the output of `hubbub export`.
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

// Reads the room `room` from `from`, or the only room in it if `room` is empty. `name` is what errors call `from`. Throws
// std::runtime_error, which names the line if a line is wrong.
RecordedRoom read_recorded(std::istream& from, const std::string& name, const std::string& room);

// Reads a room from a store's file. A server may be using the file.
RecordedRoom read_stored(const std::filesystem::path& database, const std::string& room);

}  // namespace hubbub::store

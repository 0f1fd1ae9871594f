// A room that was recorded: read from a file that `hubbub export` wrote.
#pragma once

#include <filesystem>
#include <string>

#include "store/memory.hpp"

namespace hubbub::testing {

struct RecordedRoom {
  std::string name;
  store::Recording log;
};

// The room of that name, or with an empty one the only room in the file. Throws std::runtime_error with what is wrong.
RecordedRoom read_recorded(const std::filesystem::path& file, const std::string& name);

}  // namespace hubbub::testing

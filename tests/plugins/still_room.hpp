// One plugin without a room: only the calls that a room would make.
#pragma once

#include <string>

#include "config/config.hpp"
#include "rooms/fold.hpp"
#include "replay/still_room.hpp"

namespace hubbub::testing {

// The registry of one plugin with these options. Throws config::Error if a server could not start with it.
inline plugins::Registry load_plugin(const std::string& directory, const std::string& name, const Json& options = Json::object()) {
  std::string variable = "HUBBUB_PLUGINS__";
  for (const char c : name) variable += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return plugins::Registry{config::load({}, {{"HUBBUB_PLUGINS__DIRECTORY", directory}, {variable, options.dump()}}).plugins};
}

}  // namespace hubbub::testing

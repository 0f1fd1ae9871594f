// Environment variables over the file: `HUBBUB_SERVER__PORT=9000` is `server.port: 9000`.
//
// Only variables with the prefix and a double underscore are configuration, and `WS_ENABLED`, which is short for
// `websocket.enabled`. An empty variable counts as not set. If `WS_ENABLED` and the full name are both set, the full name wins.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "config/tree.hpp"

namespace hubbub::config {

using Environment = std::map<std::string, std::string>;

// A copy of the process's variables. Call it before other threads run.
Environment process_environment();

// Puts the variables' values into the tree. Does not check the options' names: the readers do.
void overlay(Tree& tree, const Environment& environment);

// `server.port` -> `HUBBUB_SERVER__PORT`.
std::string variable_for(std::string_view path);

}  // namespace hubbub::config

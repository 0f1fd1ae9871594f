// Environment variables over the file: `HUBBUB_SERVER__PORT=9000` is `server.port: 9000`.
//
// Only variables with the prefix and a double underscore are configuration, and `WS_ENABLED`, which is
// `websocket.enabled`. An empty variable counts as not set. Where two name the same option, the one that spells its
// path wins.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "config/tree.hpp"

namespace hubbub::config {

using Environment = std::map<std::string, std::string>;

// A copy of the process's variables, taken now; call it before other threads run.
Environment process_environment();

// Puts the variables' values into the tree. Names are not judged here: the readers know them.
void overlay(Tree& tree, const Environment& environment);

// `server.port` -> `HUBBUB_SERVER__PORT`.
std::string variable_for(std::string_view path);

}  // namespace hubbub::config

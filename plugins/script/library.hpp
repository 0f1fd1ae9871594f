// What a script finds: of Lua what works on values alone and cannot run away, and what belongs to a room. No files, no
// network, no clock, no other code: no io, os, package, require, load, dofile, debug, coroutine, collectgarbage or xpcall.
#pragma once

#include "lua.hpp"

namespace script {

// Makes it, once in a state.
void open_library(lua_State* state);

// Pushes a table with all of it that is a script's own to change.
void push_environment(lua_State* state);

}  // namespace script

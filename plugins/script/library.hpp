// The library that scripts see: the parts of Lua's library that work on values only and cannot run away, and the functions for a
// room. No files, no network, no clock, no other code: no io, os, package, require, load, dofile, debug, coroutine, collectgarbage
// or xpcall.
#pragma once

#include "lua.hpp"

namespace script {

// Builds the library. Call it once for each state.
void open_library(lua_State* state);

// Pushes a copy of the library, which one script may change.
void push_environment(lua_State* state);

}  // namespace script

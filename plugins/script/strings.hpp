// What the table string has in place of Lua's own functions that a script could hang in, or that tell where something is in
// memory: find, match, gmatch, gsub, rep and format.
#pragma once

#include "lua.hpp"

namespace script {

// Puts them into the table at the top, which is Lua's own `string`, and takes out of it what scripts have no use for.
void bound_strings(lua_State* state);

// Pushes what tostring gives for the value at `index`: of a table or a function what it is, not where.
void push_text(lua_State* state, int index);

}  // namespace script

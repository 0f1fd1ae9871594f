// Replacements for functions of the table `string` in which a script could hang, or which reveal memory addresses: find, match,
// gmatch, gsub, rep and format.
#pragma once

#include "lua.hpp"

namespace script {

// Puts them into the table at the top of the stack, which must be Lua's own `string`, and removes functions that scripts do not need.
void bound_strings(lua_State* state);

// Pushes the result of tostring for the value at `index`. For a table or a function that is its type, without an address.
void push_text(lua_State* state, int index);

}  // namespace script

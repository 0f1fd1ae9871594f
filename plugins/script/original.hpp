// Lua's own functions with something before them.
#pragma once

#include <initializer_list>

#include "lua.hpp"

namespace script {

// In the table at the top, puts `function` in the place of what is called `name`, which is its original from then on.
void replace(lua_State* state, const char* name, lua_CFunction function);

// For such a function: goes on as its original, with the arguments that are on the stack.
int call_original(lua_State* state);

// Takes these out of the table at the top.
void remove(lua_State* state, std::initializer_list<const char*> names);

}  // namespace script

// Wraps functions of Lua's own library.
#pragma once

#include <initializer_list>

#include "lua.hpp"

namespace script {

// Replaces the function `name` in the table at the top of the stack by `function`, and keeps the previous one as its original.
void replace(lua_State* state, const char* name, lua_CFunction function);

// Called by such a function: runs the original with the arguments that are on the stack.
int call_original(lua_State* state);

// Removes these fields from the table at the top of the stack.
void remove(lua_State* state, std::initializer_list<const char*> names);

}  // namespace script

// Replacements for Lua's functions on tables: traversal in an order that is the same each time, and bounds that a metatable cannot
// circumvent.
#pragma once

#include <initializer_list>

#include "lua.hpp"

namespace script {

// Adds pairs and next to the table at the top of the stack.
void add_traversal(lua_State* state);

// Bounds the functions in the table at the top of the stack, which must be Lua's own `table`.
void bound_tables(lua_State* state);

}  // namespace script

// What scripts have in place of Lua's own functions on tables: an order that is the same each time, and no sizes that only
// claim to be some.
#pragma once

#include <initializer_list>

#include "lua.hpp"

namespace script {

// Puts pairs and next into the table at the top.
void add_traversal(lua_State* state);

// Bounds the functions of the table at the top, which is Lua's own `table`.
void bound_tables(lua_State* state);

}  // namespace script

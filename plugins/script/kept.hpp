// Kept tables: the tables of `state`, which only some calls may change, however a script got hold of them. A table that is put into
// a kept table becomes a kept table itself, in place. Also the mark that makes a table a list.
//
// A kept table has one raw entry, its contents: a table with everything that a script sees in it. Its metatable refuses forbidden
// changes. So code that works on raw tables must use push_contents(), and call require_change() before it changes anything.
#pragma once

#include "lua.hpp"

namespace script {

// If the value at `index` is a table, makes it and all tables in it kept tables. Throws std::runtime_error if one of them has a
// metatable that the script has set.
void keep(lua_State* state, int index);

bool is_kept(lua_State* state, int index);

// Throws std::runtime_error if the current call must not change `state`.
void require_change(lua_State* state);

// Pushes the contents of the table at `index`; the table itself if it is not a kept one.
void push_contents(lua_State* state, int index);

// Replaces a kept table at `index` by its contents.
void replace_by_contents(lua_State* state, int index);

// Replaces the table at the top of the stack by a kept table with these contents. All tables in it must already be kept ones.
void enclose(lua_State* state, bool is_list);

// is_list() tells whether the table at `index` is marked as a list; mark_list() marks the table at the top of the stack.
bool is_list(lua_State* state, int index);
void mark_list(lua_State* state);

// Makes rawget, rawset and rawlen, in the table at the top of the stack, work on the contents of kept tables.
void bound_raw(lua_State* state);

}  // namespace script

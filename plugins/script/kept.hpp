// The tables of `state`, which only some calls may change, whoever holds them: what is put into one of them becomes one itself, in
// place. And lists, which are tables with a mark.
//
// A kept table has one raw entry, a table with all that a script finds in it, and a metatable that says who may change it. So what
// works on raw tables goes through push_contents(), and asks require_change() before it changes any.
#pragma once

#include "lua.hpp"

namespace script {

// Makes the value at `index` a kept table, and all tables in it, where it is a table. Throws std::runtime_error where one has a
// metatable of the script's.
void keep(lua_State* state, int index);

bool is_kept(lua_State* state, int index);

// Throws std::runtime_error where the call at hand must not change `state`.
void require_change(lua_State* state);

// Pushes the table in which the entries of the table at `index` are: itself, if it is no kept one.
void push_contents(lua_State* state, int index);

// Puts such a table in the place of a kept one at `index`.
void replace_by_contents(lua_State* state, int index);

// Makes the table at the top the contents of a kept one, which takes its place. All tables in it are kept ones already.
void enclose(lua_State* state, bool is_list);

// Whether the table at `index` is marked as a list; marks the one at the top.
bool is_list(lua_State* state, int index);
void mark_list(lua_State* state);

// Lua's rawget, rawset and rawlen in the table at the top see the contents of kept tables.
void bound_raw(lua_State* state);

}  // namespace script

#include "kept.hpp"

#include <array>
#include <stdexcept>
#include <string>

#include "original.hpp"

namespace script {
namespace {

const char contents = 0;  // its address is the key of a kept table's only entry

// The metatables' names in the registry.
constexpr const char* plain_list = "hubbub.list";
constexpr const char* kept_table = "hubbub.kept";
constexpr const char* kept_list = "hubbub.kept_list";

int get(lua_State* state) {
  lua_rawgetp(state, 1, &contents);
  lua_pushvalue(state, 2);
  lua_rawget(state, -2);
  return 1;
}

// The arguments 1 to 3 are a kept table, a key and a value.
int set(lua_State* state) {
  require_change(state);
  keep(state, 3);
  lua_rawgetp(state, 1, &contents);
  lua_insert(state, 2);
  lua_rawset(state, 2);
  return 0;
}

int length(lua_State* state) {
  lua_rawgetp(state, 1, &contents);
  lua_pushinteger(state, static_cast<lua_Integer>(lua_rawlen(state, -1)));
  return 1;
}

// Pushes one of the metatables. Scripts can neither see nor change it.
void push_metatable(lua_State* state, const char* name) {
  if (!luaL_newmetatable(state, name)) return;
  lua_pushboolean(state, false);
  lua_setfield(state, -2, "__metatable");
  lua_pushstring(state, name == kept_table ? "table" : "list");
  lua_setfield(state, -2, "__name");
  if (name == plain_list) return;
  constexpr std::array<luaL_Reg, 4> functions = {
      {{"__index", throwing<get>}, {"__newindex", throwing<set>}, {"__len", throwing<length>}, {}}};
  luaL_setfuncs(state, functions.data(), 0);
}

bool has_metatable(lua_State* state, int index, const char* name) {
  if (!lua_getmetatable(state, index)) return false;
  luaL_getmetatable(state, name);
  const bool same = lua_rawequal(state, -1, -2) != 0;
  lua_pop(state, 2);
  return same;
}

// Makes the table at the top of the stack a kept table, and pushes its contents.
void take_over(lua_State* state) {
  const int table = lua_gettop(state);
  const bool list = is_list(state, table);
  if (!list && lua_getmetatable(state, table)) {
    throw std::runtime_error("a table in state must not have a metatable: it would be lost when the room is opened again");
  }
  lua_createtable(state, static_cast<int>(lua_rawlen(state, table)), 0);
  for (lua_pushnil(state); lua_next(state, table) != 0; lua_pop(state, 1)) {
    lua_pushvalue(state, -2);
    lua_pushvalue(state, -2);
    lua_rawset(state, table + 1);
    Lua::of(state).charge(state, 2);
  }
  for (lua_pushnil(state); lua_next(state, table) != 0;) {
    lua_pop(state, 1);
    lua_pushvalue(state, -1);
    lua_pushnil(state);
    lua_rawset(state, table);
  }
  lua_pushvalue(state, table + 1);
  lua_rawsetp(state, table, &contents);
  push_metatable(state, list ? kept_list : kept_table);
  lua_setmetatable(state, table);
}

int raw_get(lua_State* state) {
  replace_by_contents(state, 1);
  return call_original(state);
}

int raw_set(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  if (!is_kept(state, 1)) return call_original(state);
  luaL_checkany(state, 3);
  lua_settop(state, 3);
  lua_pushvalue(state, 1);
  lua_insert(state, 1);  // the return value
  lua_pushcfunction(state, throwing<set>);
  lua_insert(state, 2);
  lua_call(state, 3, 0);
  return 1;
}

}  // namespace

void keep(lua_State* state, int index) {
  if (!lua_istable(state, index) || is_kept(state, index)) return;
  luaL_checkstack(state, 10, "too much at once");
  lua_pushvalue(state, index);
  lua_createtable(state, 1, 0);  // a work list instead of recursion: tables may be nested to any depth
  lua_insert(state, -2);
  const int work = lua_gettop(state) - 1;
  lua_rawseti(state, work, 1);
  for (lua_Integer left = 1; left > 0; lua_settop(state, work)) {
    lua_rawgeti(state, work, left);
    lua_pushnil(state);
    lua_rawseti(state, work, left--);
    if (is_kept(state, -1)) continue;  // it was in the list twice
    take_over(state);
    for (lua_pushnil(state); lua_next(state, -2) != 0; lua_pop(state, 1)) {
      if (!lua_istable(state, -1) || is_kept(state, -1)) continue;
      lua_pushvalue(state, -1);
      lua_rawseti(state, work, ++left);
    }
  }
  lua_pop(state, 1);
}

bool is_kept(lua_State* state, int index) {
  if (!lua_istable(state, index)) return false;
  const bool found = lua_rawgetp(state, index, &contents) == LUA_TTABLE;
  lua_pop(state, 1);
  return found;
}

void require_change(lua_State* state) {
  const auto& call = Lua::of(state).at_hand();
  if (call.changes_state) return;
  throw std::runtime_error(std::string{"state can only be changed in apply, not in "} + call.function +
                           ": broadcast a message of a logged type, and change state when it is applied");
}

void push_contents(lua_State* state, int index) {
  const int table = lua_absindex(state, index);
  if (lua_rawgetp(state, table, &contents) == LUA_TTABLE) return;
  lua_pop(state, 1);
  lua_pushvalue(state, table);
}

void replace_by_contents(lua_State* state, int index) {
  const int at = lua_absindex(state, index);
  if (!lua_istable(state, at)) return;
  push_contents(state, at);
  lua_replace(state, at);
}

void enclose(lua_State* state, bool is_list) {
  lua_createtable(state, 0, 1);
  lua_insert(state, -2);
  lua_rawsetp(state, -2, &contents);
  push_metatable(state, is_list ? kept_list : kept_table);
  lua_setmetatable(state, -2);
}

bool is_list(lua_State* state, int index) {
  return has_metatable(state, index, plain_list) || has_metatable(state, index, kept_list);
}

void mark_list(lua_State* state) {
  const bool kept = is_kept(state, -1);
  if (kept) require_change(state);
  push_metatable(state, kept ? kept_list : plain_list);
  lua_setmetatable(state, -2);
}

void bound_raw(lua_State* state) {
  replace(state, "rawget", throwing<raw_get>);
  replace(state, "rawlen", throwing<raw_get>);
  replace(state, "rawset", throwing<raw_set>);
}

}  // namespace script

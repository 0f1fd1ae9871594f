#include "library.hpp"

#include <array>
#include <cstdio>
#include <random>
#include <stdexcept>

#include "json.hpp"
#include "kept.hpp"
#include "original.hpp"
#include "strings.hpp"
#include "tables.hpp"
#include "talk.hpp"
#include "types.hpp"
#include "words.hpp"

namespace script {
namespace {

constexpr const char* library = "hubbub.library";  // in the registry
constexpr std::size_t longest_line = 8000;         // bytes: a longer line gets no more values
constexpr std::size_t of_caught_error = 200;       // instructions that a caught error counts as: an exception takes about as long

// Lua's pcall, except that it does not catch an error that ends the whole call.
int protected_call(lua_State* state) {
  luaL_checkany(state, 1);
  const int status = lua_pcall(state, lua_gettop(state) - 1, LUA_MULTRET, 0);
  if (Lua::of(state).is_final(status)) return lua_error(state);
  if (status != LUA_OK) Lua::of(state).charge(state, of_caught_error);
  luaL_checkstack(state, 1, "too many results");
  lua_pushboolean(state, status == LUA_OK);
  lua_insert(state, 1);
  return lua_gettop(state);
}

// Refuses the metamethods that would break the bounds: no limit stops a __gc function, the effect of __mode depends on when garbage
// is collected, and a __close function runs even while a call is being stopped.
int set_metatable(lua_State* state) {
  if (lua_istable(state, 2)) {
    for (const char* field : {"__gc", "__mode", "__close"}) {
      lua_pushstring(state, field);
      if (lua_rawget(state, 2) != LUA_TNIL) throw std::runtime_error(std::string{"a metatable must not have "} + field);
      lua_pop(state, 1);
    }
  }
  return call_original(state);
}

int to_string(lua_State* state) {
  luaL_checkany(state, 1);
  push_text(state, 1);
  return 1;
}

int random(lua_State* state) {
  const auto& call = Lua::of(state).at_hand();
  if (call.is_fold) throw std::runtime_error("math.random is not allowed in " + repeatable(call));
  return call_original(state);
}

// Prints one line, whatever the values are, to standard error, with the place in the file.
int print(lua_State* state) {
  luaL_where(state, 1);
  std::string line = lua_tostring(state, -1);
  lua_pop(state, 1);
  const int count = lua_gettop(state);
  for (int i = 1; i <= count; ++i) {
    if (line.size() > longest_line) {
      line += "\t…";
      break;
    }
    line.append(i == 1 ? "" : "\t").append(words_of(state, i));
  }
  Lua::of(state).charge(state, 100 + line.size());
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
  return 0;
}

int list(lua_State* state) {
  if (lua_gettop(state) == 0) lua_newtable(state);
  luaL_checktype(state, 1, LUA_TTABLE);
  lua_settop(state, 1);
  mark_list(state);
  return 1;
}

// Copies these fields from the table at the top of the stack into the table below it.
void take(lua_State* state, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    lua_getfield(state, -1, name);
    lua_setfield(state, -3, name);
  }
}

void open(lua_State* state, lua_CFunction opener) {
  lua_pushcfunction(state, opener);
  lua_call(state, 0, 1);
}

void seed(lua_State* state) {
  lua_getfield(state, -1, "randomseed");
  std::random_device device;
  std::uniform_int_distribution<lua_Integer> any{LUA_MININTEGER, LUA_MAXINTEGER};
  for (int i = 0; i < 2; ++i) lua_pushinteger(state, any(device));
  lua_call(state, 2, 0);
  remove(state, {"randomseed"});
}

// Hides the metatable of strings, so that scripts cannot change the methods of text.
void hide_methods(lua_State* state) {
  lua_pushliteral(state, "");
  lua_getmetatable(state, -1);
  lua_pushboolean(state, false);
  lua_setfield(state, -2, "__metatable");
  lua_pop(state, 2);
}

// Pushes a copy of the table at `index`, and of the tables in it.
void push_copy(lua_State* state, int index) {
  lua_newtable(state);
  for (lua_pushnil(state); lua_next(state, index) != 0;) {
    if (lua_istable(state, -1)) {
      push_copy(state, lua_gettop(state));
      lua_remove(state, -2);
    }
    lua_pushvalue(state, -2);
    lua_insert(state, -2);
    lua_rawset(state, -4);
  }
}

}  // namespace

void open_library(lua_State* state) {
  lua_newtable(state);
  open(state, luaopen_base);
  replace(state, "setmetatable", throwing<set_metatable>);
  bound_raw(state);
  take(state, {"assert", "error", "getmetatable", "ipairs", "rawequal", "rawget", "rawlen", "rawset", "select", "setmetatable",
               "tonumber", "type"});
  lua_pop(state, 1);
  constexpr std::array<luaL_Reg, 5> functions = {{{"pcall", throwing<protected_call>},
                                                  {"tostring", throwing<to_string>},
                                                  {"print", throwing<print>},
                                                  {"list", throwing<list>},
                                                  {}}};
  luaL_setfuncs(state, functions.data(), 0);
  lua_pushlightuserdata(state, nullptr);
  lua_setfield(state, -2, "null");
  add_traversal(state);
  add_types(state);
  add_talk(state);

  open(state, luaopen_math);
  seed(state);
  replace(state, "random", throwing<random>);
  lua_setfield(state, -2, "math");
  open(state, luaopen_table);
  bound_tables(state);
  lua_setfield(state, -2, "table");
  open(state, luaopen_utf8);
  lua_setfield(state, -2, "utf8");
  open(state, luaopen_string);
  bound_strings(state);
  hide_methods(state);
  lua_setfield(state, -2, "string");
  lua_setfield(state, LUA_REGISTRYINDEX, library);
}

void push_environment(lua_State* state) {
  lua_getfield(state, LUA_REGISTRYINDEX, library);
  push_copy(state, lua_gettop(state));
  lua_remove(state, -2);
}

}  // namespace script

#include "tables.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "kept.hpp"
#include "original.hpp"

namespace script {
namespace {

// A key in an order: numbers first, then text, then false and true. `text` points into the table's own string.
struct Key {
  int rank = 0;
  lua_Integer whole = 0;
  lua_Number number = 0;  // equal to `whole` if the key is a whole number
  std::string_view text = {};

  bool operator<(const Key& other) const {
    if (rank != other.rank) return rank < other.rank;
    if (number != other.number) return number < other.number;
    if (whole != other.whole) return whole < other.whole;
    return text < other.text;
  }
};

Key key_at(lua_State* state, int index) {
  switch (lua_type(state, index)) {
    case LUA_TNUMBER:
      return {0, lua_isinteger(state, index) ? lua_tointeger(state, index) : 0, lua_tonumber(state, index), {}};
    case LUA_TSTRING: {
      std::size_t size = 0;
      const char* data = lua_tolstring(state, index, &size);
      return {1, 0, 0, {data, size}};
    }
    case LUA_TBOOLEAN: return {2, lua_toboolean(state, index), 0, {}};
    default:
      throw std::runtime_error(std::string{"a key that is a "} + luaL_typename(state, index) +
                               " cannot be ordered; use numbers or text");
  }
}

// All keys of the table at `index`, unordered.
std::vector<Key> keys_of(lua_State* state, int index) {
  std::vector<Key> keys;
  push_contents(state, index);
  for (lua_pushnil(state); lua_next(state, -2) != 0; lua_pop(state, 1)) {
    keys.push_back(key_at(state, -2));
    if (keys.size() % 64 == 0) Lua::of(state).charge(state, 64 * 8);
  }
  lua_pop(state, 1);
  return keys;
}

void push_key(lua_State* state, const Key& key) {
  switch (key.rank) {
    case 0:
      if (static_cast<lua_Number>(key.whole) == key.number && key.whole != 0) return lua_pushinteger(state, key.whole);
      return key.number == 0 ? lua_pushinteger(state, 0) : lua_pushnumber(state, key.number);
    case 1: lua_pushlstring(state, key.text.data(), key.text.size()); return;
    default: return lua_pushboolean(state, static_cast<int>(key.whole));
  }
}

// Its upvalues: the ordered keys, and how many have been visited. Keys that were removed meanwhile are skipped.
int step(lua_State* state) {
  auto at = lua_tointeger(state, lua_upvalueindex(2));
  replace_by_contents(state, 1);
  for (;;) {
    Lua::of(state).charge(state, 1);
    lua_settop(state, 1);
    if (lua_rawgeti(state, lua_upvalueindex(1), ++at) == LUA_TNIL) return 1;
    lua_pushvalue(state, -1);
    if (lua_rawget(state, 1) != LUA_TNIL) break;
  }
  lua_pushinteger(state, at);
  lua_replace(state, lua_upvalueindex(2));
  return 2;
}

int pairs(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  auto keys = keys_of(state, 1);
  std::ranges::sort(keys, std::less{});
  lua_createtable(state, static_cast<int>(keys.size()), 0);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    push_key(state, keys[i]);
    lua_rawseti(state, -2, static_cast<lua_Integer>(i) + 1);
  }
  lua_pushinteger(state, 0);
  lua_pushcclosure(state, throwing<step>, 2);
  lua_pushvalue(state, 1);
  return 2;
}

// Returns the first key after the given one, and its value.
int next(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  const Key after = lua_isnoneornil(state, 2) ? Key{-1, 0, 0, {}} : key_at(state, 2);
  const auto keys = keys_of(state, 1);
  const Key* first = nullptr;
  for (const auto& key : keys) {
    if (after < key && (!first || key < *first)) first = &key;
  }
  if (!first) return lua_pushnil(state), 1;
  replace_by_contents(state, 1);
  push_key(state, *first);
  lua_pushvalue(state, -1);
  lua_rawget(state, 1);
  return 2;
}

// Refuses tables whose metatable could give any size or entry, and another one each time.
void check_plain(lua_State* state, int index) {
  luaL_checktype(state, index, LUA_TTABLE);
  if (is_kept(state, index)) return;
  for (const char* field : {"__len", "__index", "__newindex"}) {
    if (luaL_getmetafield(state, index, field) != LUA_TNIL) {
      throw std::runtime_error(std::string{"this needs a table without "} + field);
    }
  }
}

void charge_range(lua_State* state, lua_Integer first, lua_Integer last) {
  if (last >= first) Lua::of(state).charge(state, static_cast<lua_Unsigned>(last) - static_cast<lua_Unsigned>(first));
}

lua_Integer size_of(lua_State* state, int index) { return static_cast<lua_Integer>(lua_rawlen(state, index)); }

// Replaces a kept table at `index` by its contents, for Lua's own functions to read and change. Throws if the current call must not
// change it.
void open_for_change(lua_State* state, int index) {
  if (!is_kept(state, index)) return;
  require_change(state);
  replace_by_contents(state, index);
}

template <int first>  // the index of the argument where the range begins; the next argument is where it ends
int over_range(lua_State* state) {
  check_plain(state, 1);
  replace_by_contents(state, 1);
  charge_range(state, luaL_optinteger(state, first, 1), luaL_optinteger(state, first + 1, size_of(state, 1)));
  return call_original(state);
}

int move(lua_State* state) {
  check_plain(state, 1);
  const int to = lua_isnoneornil(state, 5) ? 1 : 5;
  check_plain(state, to);
  const auto first = luaL_checkinteger(state, 2), last = luaL_checkinteger(state, 3);
  charge_range(state, first, last);
  const bool into_kept = is_kept(state, to);
  if (into_kept) {
    require_change(state);
    for (auto i = first; i <= last; ++i) {
      lua_geti(state, 1, i);
      keep(state, -1);
      lua_pop(state, 1);
    }
  }
  lua_settop(state, 5);
  lua_pushvalue(state, to);
  lua_insert(state, 1);  // the return value
  replace_by_contents(state, 2);
  replace_by_contents(state, 6);
  lua_pushcfunction(state, lua_tocfunction(state, lua_upvalueindex(2)));
  lua_insert(state, 2);
  lua_call(state, 5, 0);
  return 1;
}

template <int with_place>  // the number of arguments of a call that names a position
int at_place(lua_State* state) {
  check_plain(state, 1);
  if (is_kept(state, 1)) {
    require_change(state);
    keep(state, -1);  // the inserted value
    replace_by_contents(state, 1);
  }
  if (lua_gettop(state) >= with_place) charge_range(state, 0, size_of(state, 1));
  return call_original(state);
}

int sort(lua_State* state) {
  check_plain(state, 1);
  open_for_change(state, 1);
  const auto size = static_cast<double>(size_of(state, 1));
  Lua::of(state).charge(state, static_cast<std::size_t>(size * std::log2(size + 1)));
  return call_original(state);
}

}  // namespace

void add_traversal(lua_State* state) {
  constexpr std::array<luaL_Reg, 3> functions = {{{"pairs", throwing<pairs>}, {"next", throwing<next>}, {}}};
  luaL_setfuncs(state, functions.data(), 0);
}

void bound_tables(lua_State* state) {
  replace(state, "concat", throwing<over_range<3>>);
  replace(state, "unpack", throwing<over_range<2>>);
  replace(state, "move", throwing<move>);
  replace(state, "insert", throwing<at_place<3>>);
  replace(state, "remove", throwing<at_place<2>>);
  replace(state, "sort", throwing<sort>);
}

}  // namespace script

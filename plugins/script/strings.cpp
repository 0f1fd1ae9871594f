#include "strings.hpp"

#include <array>
#include <cstring>
#include <stdexcept>

#include "original.hpp"
#include "pattern.hpp"

namespace script {
namespace {

std::string_view text_at(lua_State* state, int index) {
  std::size_t size = 0;
  const char* data = luaL_checklstring(state, index, &size);
  return {data, size};
}

void push(lua_State* state, std::string_view text) { lua_pushlstring(state, text.data(), text.size()); }

// Where a search begins, counted from 0, by the argument `init` at `index`. May be beyond the end.
std::size_t start_at(lua_State* state, int index, std::size_t size) {
  const auto init = luaL_optinteger(state, index, 1);
  const auto length = static_cast<lua_Integer>(size);
  if (init > 0) return static_cast<std::size_t>(init) - 1;
  return init == 0 || init < -length ? 0 : static_cast<std::size_t>(length + init);
}

// Searches, and charges the steps to the current call.
bool search(lua_State* state, const Pattern& pattern, std::string_view subject, std::size_t at, Pattern::Match& match) {
  auto& lua = Lua::of(state);
  auto steps = lua.left();
  const bool found = pattern.search(subject, at, steps, match);
  lua.charge(state, static_cast<std::size_t>(lua.left() - steps));
  return found;
}

// Pushes the n-th capture, counted from 0; the whole match if there are no captures.
void push_capture(lua_State* state, std::string_view subject, const Pattern::Match& match, std::size_t n) {
  if (n == 0 && match.captures.empty()) return push(state, subject.substr(match.begin, match.end - match.begin));
  if (n >= match.captures.size()) throw std::runtime_error("there is no capture %" + std::to_string(n + 1));
  const auto& capture = match.captures[n];
  if (capture.is_position) return lua_pushinteger(state, static_cast<lua_Integer>(capture.begin) + 1);
  push(state, subject.substr(capture.begin, capture.size));
}

int push_captures(lua_State* state, std::string_view subject, const Pattern::Match& match, bool or_whole) {
  const auto count = match.captures.empty() && or_whole ? 1 : match.captures.size();
  luaL_checkstack(state, static_cast<int>(count), "too many captures");
  for (std::size_t n = 0; n < count; ++n) push_capture(state, subject, match, n);
  return static_cast<int>(count);
}

int fail(lua_State* state) {
  luaL_pushfail(state);
  return 1;
}

int find(lua_State* state) {
  const auto subject = text_at(state, 1);
  const auto text = text_at(state, 2);
  const auto at = start_at(state, 3, subject.size());
  if (at > subject.size()) return fail(state);
  Pattern::Match match;
  const bool is_plain = lua_toboolean(state, 4) || text.find_first_of("^$*+?.([%-") == text.npos;
  if (is_plain) {
    Lua::of(state).charge(state, subject.size() / 16);
    const void* found = memmem(subject.data() + at, subject.size() - at, text.data(), text.size());
    if (!found) return fail(state);
    match.begin = static_cast<std::size_t>(static_cast<const char*>(found) - subject.data());
    match.end = match.begin + text.size();
  } else if (!search(state, Pattern{text}, subject, at, match)) {
    return fail(state);
  }
  lua_pushinteger(state, static_cast<lua_Integer>(match.begin) + 1);
  lua_pushinteger(state, static_cast<lua_Integer>(match.end));
  return 2 + push_captures(state, subject, match, false);
}

int match_once(lua_State* state) {
  const auto subject = text_at(state, 1);
  const Pattern pattern{text_at(state, 2)};
  const auto at = start_at(state, 3, subject.size());
  Pattern::Match match;
  if (at > subject.size() || !search(state, pattern, subject, at, match)) return fail(state);
  return push_captures(state, subject, match, true);
}

// Finds the next match after the one that ended at `last`. An empty match at `last` does not count.
bool search_next(lua_State* state, const Pattern& pattern, std::string_view subject, std::size_t at, std::int64_t last,
                 Pattern::Match& match) {
  for (; at <= subject.size(); at = match.begin + 1) {
    if (!search(state, pattern, subject, at, match)) return false;
    if (static_cast<std::int64_t>(match.end) != last) return true;
  }
  return false;
}

// Its upvalues: the text, the pattern, where to search next, where the last match ended.
int next_match(lua_State* state) {
  const auto subject = text_at(state, lua_upvalueindex(1));
  const Pattern pattern{text_at(state, lua_upvalueindex(2)), false};
  const auto at = static_cast<std::size_t>(lua_tointeger(state, lua_upvalueindex(3)));
  Pattern::Match match;
  if (!search_next(state, pattern, subject, at, lua_tointeger(state, lua_upvalueindex(4)), match)) return 0;
  for (const int upvalue : {3, 4}) {
    lua_pushinteger(state, static_cast<lua_Integer>(match.end));
    lua_replace(state, lua_upvalueindex(upvalue));
  }
  return push_captures(state, subject, match, true);
}

int gmatch(lua_State* state) {
  const auto subject = text_at(state, 1);
  const Pattern check{text_at(state, 2), false};
  const auto at = start_at(state, 3, subject.size());
  lua_settop(state, 2);
  lua_pushinteger(state, static_cast<lua_Integer>(at));
  lua_pushinteger(state, -1);
  lua_pushcclosure(state, throwing<next_match>, 4);
  return 1;
}

// Pushes the text `with`, filled in: `%1` is the first capture, `%0` the whole match, `%%` a percent sign.
void push_filled_in(lua_State* state, std::string_view subject, const Pattern::Match& match, std::string_view with) {
  std::string made;
  for (std::size_t i = 0; i < with.size(); ++i) {
    if (with[i] != '%') {
      made += with[i];
      continue;
    }
    const char c = ++i < with.size() ? with[i] : '\0';
    if (c == '%') {
      made += c;
    } else if (c == '0') {
      made += subject.substr(match.begin, match.end - match.begin);
    } else if (c >= '1' && c <= '9') {
      push_capture(state, subject, match, static_cast<std::size_t>(c - '1'));
      made += text_at(state, -1);
      lua_pop(state, 1);
    } else {
      throw std::runtime_error("invalid use of % in the replacement");
    }
  }
  push(state, made);
}

// Pushes the replacement of a match, which argument 3 gives.
void push_replacement(lua_State* state, std::string_view subject, const Pattern::Match& match) {
  switch (lua_type(state, 3)) {
    case LUA_TFUNCTION:
      lua_pushvalue(state, 3);
      lua_call(state, push_captures(state, subject, match, true), 1);
      break;
    case LUA_TTABLE:
      push_capture(state, subject, match, 0);
      lua_gettable(state, 3);
      break;
    default: return push_filled_in(state, subject, match, text_at(state, 3));
  }
  if (!lua_toboolean(state, -1)) {
    lua_pop(state, 1);
    push(state, subject.substr(match.begin, match.end - match.begin));
  } else if (!lua_isstring(state, -1)) {
    throw std::runtime_error(std::string{"a replacement must be text, not a "} + luaL_typename(state, -1));
  }
}

int gsub(lua_State* state) {
  const auto subject = text_at(state, 1);
  const Pattern pattern{text_at(state, 2)};
  if (lua_type(state, 3) != LUA_TFUNCTION && lua_type(state, 3) != LUA_TTABLE) luaL_checkstring(state, 3);
  const auto most = luaL_optinteger(state, 4, LUA_MAXINTEGER);
  std::string made;
  std::size_t at = 0;
  std::int64_t last = -1;
  lua_Integer count = 0;
  Pattern::Match match;
  while (count < most && search_next(state, pattern, subject, at, last, match)) {
    ++count;
    made += subject.substr(at, match.begin - at);
    push_replacement(state, subject, match);
    made += text_at(state, -1);
    lua_pop(state, 1);
    if (made.size() > Lua::of(state).most_memory()) {
      throw std::runtime_error("the result is larger than the option memory allows");
    }
    at = match.end;
    last = static_cast<std::int64_t>(match.end);
    if (pattern.is_anchored()) break;
  }
  made += subject.substr(at);
  push(state, made);
  lua_pushinteger(state, count);
  return 2;
}

// Lua's own rep loops n times even if there is nothing to repeat.
int rep(lua_State* state) {
  if (text_at(state, 1).empty() && std::string_view{luaL_optstring(state, 3, "")}.empty()) return push(state, ""), 1;
  return call_original(state);
}

// Refuses %p, and shows tables and functions as tostring does.
int format(lua_State* state) {
  const auto text = text_at(state, 1);
  for (auto at = text.find('%'); at != text.npos; at = text.find('%', at)) {
    at = text.find_first_not_of("-+ #0123456789.", at + 1);
    if (at == text.npos) break;
    if (text[at++] == 'p') throw std::runtime_error("%p is not available: addresses differ from run to run");
  }
  for (int i = lua_gettop(state); i > 1; --i) {
    if (lua_type(state, i) <= LUA_TBOOLEAN || lua_isstring(state, i)) continue;
    push_text(state, i);
    lua_replace(state, i);
  }
  return call_original(state);
}

}  // namespace

void push_text(lua_State* state, int index) {
  const int type = lua_type(state, index);
  const bool has_text = luaL_getmetafield(state, index, "__tostring") != LUA_TNIL;
  if (has_text) lua_pop(state, 1);
  if (has_text || type <= LUA_TBOOLEAN || type == LUA_TNUMBER || type == LUA_TSTRING) {
    luaL_tolstring(state, index, nullptr);
  } else {
    lua_pushstring(state, type == LUA_TLIGHTUSERDATA ? "null" : lua_typename(state, type));
  }
}

void bound_strings(lua_State* state) {
  constexpr std::array<luaL_Reg, 5> functions = {{{"find", throwing<find>},
                                                  {"match", throwing<match_once>},
                                                  {"gmatch", throwing<gmatch>},
                                                  {"gsub", throwing<gsub>},
                                                  {}}};
  luaL_setfuncs(state, functions.data(), 0);
  replace(state, "rep", throwing<rep>);
  replace(state, "format", throwing<format>);
  remove(state, {"dump", "pack", "packsize", "unpack"});
}

}  // namespace script

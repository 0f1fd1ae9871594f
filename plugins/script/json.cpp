#include "json.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "kept.hpp"

namespace script {
namespace {

constexpr int deepest = 128;                      // levels
constexpr std::size_t of_value = 16, of_name = 24;  // bytes: the least that a value and a key take in Lua, without their text

void push_null(lua_State* state) { lua_pushlightuserdata(state, nullptr); }

// If `kept`, all tables are kept ones.
void push_value(lua_State* state, const Json& json, bool kept) {
  luaL_checkstack(state, 6, "nested too deep");
  switch (json.type()) {
    case Json::value_t::boolean: return lua_pushboolean(state, json.get<bool>());
    case Json::value_t::number_float: return lua_pushnumber(state, json.get<double>());
    case Json::value_t::number_integer: return lua_pushinteger(state, json.get<std::int64_t>());
    case Json::value_t::number_unsigned:
      return json.get<std::uint64_t>() <= LUA_MAXINTEGER ? lua_pushinteger(state, json.get<std::int64_t>())
                                                         : lua_pushnumber(state, json.get<double>());
    case Json::value_t::string: {
      const auto& text = json.get_ref<const std::string&>();
      lua_pushlstring(state, text.data(), text.size());
      return;
    }
    case Json::value_t::array: {
      lua_createtable(state, static_cast<int>(json.size()), 0);
      lua_Integer index = 0;
      for (const auto& item : json) {
        push_value(state, item, kept);
        lua_rawseti(state, -2, ++index);
      }
      kept ? enclose(state, true) : mark_list(state);
      return;
    }
    case Json::value_t::object:
      lua_createtable(state, 0, static_cast<int>(json.size()));
      for (const auto& [name, value] : json.get_ref<const Json::object_t&>()) {
        lua_pushlstring(state, name.data(), name.size());
        push_value(state, value, kept);
        lua_rawset(state, -3);
      }
      if (kept) enclose(state, false);
      return;
    default: return push_null(state);
  }
}

// The path to a value, for errors.
struct Location {
  const Location* around;
  std::string_view name;
  lua_Integer index = 0;

  std::string text() const {
    if (!around) return std::string{name};
    return around->text() + (index != 0 ? "[" + std::to_string(index) + "]" : "." + std::string{name});
  }
};

[[noreturn]] void refuse(const Location& location, const std::string& why) {
  throw std::runtime_error(location.text() + ": " + why);
}

class Reader {
 public:
  explicit Reader(lua_State* state) : state_(state), room_(Lua::of(state).most_memory()) {}

  Json read(int index, const Location& location, int depth) {
    take(of_value, location);
    switch (lua_type(state_, index)) {
      case LUA_TNIL: return nullptr;
      case LUA_TBOOLEAN: return lua_toboolean(state_, index) != 0;
      case LUA_TNUMBER: return number(index, location);
      case LUA_TSTRING: return text(index, location);
      case LUA_TTABLE: return table(lua_absindex(state_, index), location, depth);
      case LUA_TLIGHTUSERDATA: return nullptr;
      default: refuse(location, std::string{"a "} + luaL_typename(state_, index) + " cannot be written as JSON");
    }
  }

 private:
  void take(std::size_t bytes, const Location& location) {
    if (bytes > room_) refuse(location, "the value is larger than the option memory allows");
    room_ -= bytes;
    Lua::of(state_).charge(state_, 1 + bytes / of_value);
  }

  Json number(int index, const Location& location) {
    if (lua_isinteger(state_, index)) return std::int64_t{lua_tointeger(state_, index)};
    const auto value = lua_tonumber(state_, index);
    if (!std::isfinite(value)) refuse(location, "a number must be finite");
    return value;
  }

  std::string text(int index, const Location& location) {
    std::size_t size = 0;
    const char* data = lua_tolstring(state_, index, &size);
    take(size, location);
    const std::string_view text{data, size};
    if (std::ranges::any_of(text, [](char c) { return (c & 0x80) != 0; })) {
      try {
        static_cast<void>(Json(text).dump());
      } catch (const Json::exception&) {
        refuse(location, "text must be valid UTF-8");
      }
    }
    return std::string{text};
  }

  Json table(int index, const Location& location, int depth) {
    if (depth == deepest) refuse(location, "nested deeper than 128 levels, or holds itself");
    luaL_checkstack(state_, 6, "nested too deep");
    push_contents(state_, index);
    const auto size = lua_rawlen(state_, -1);
    const bool as_list = size != 0 || is_list(state_, index);
    auto json = as_list ? list(lua_gettop(state_), size, location, depth) : object(lua_gettop(state_), location, depth);
    lua_pop(state_, 1);
    return json;
  }

  Json list(int index, std::size_t size, const Location& location, int depth) {
    std::size_t keys = 0;
    for (lua_pushnil(state_); lua_next(state_, index) != 0; lua_pop(state_, 1)) {
      if (!lua_isinteger(state_, -2)) refuse(location, "a table is either a list or has names, not both");
      ++keys;
      Lua::of(state_).charge(state_, 1);
    }
    if (keys != size) refuse(location, "a list must have no holes");
    Json items = Json::array();
    for (std::size_t i = 1; i <= size; ++i) {
      lua_rawgeti(state_, index, static_cast<lua_Integer>(i));
      if (lua_isnil(state_, -1)) refuse(location, "a list must have no holes");
      items.push_back(read(-1, {&location, {}, static_cast<lua_Integer>(i)}, depth + 1));
      lua_pop(state_, 1);
    }
    return items;
  }

  Json object(int index, const Location& location, int depth) {
    Json fields = Json::object();
    for (lua_pushnil(state_); lua_next(state_, index) != 0; lua_pop(state_, 1)) {
      const int type = lua_type(state_, -2);
      if (type == LUA_TNUMBER) refuse(location, "a list begins at 1 and has no holes; as a name, use tostring(number)");
      if (type != LUA_TSTRING) refuse(location, std::string{"a name must be text, not a "} + lua_typename(state_, type));
      take(of_name, location);
      auto name = text(-2, location);
      const Location inside{&location, name};
      auto value = read(-1, inside, depth + 1);
      fields.emplace(std::move(name), std::move(value));
    }
    return fields;
  }

  lua_State* state_;
  std::size_t room_;  // bytes
};

}  // namespace

void push_json(lua_State* state, const Json& json) {
  const Lua::Uncounted uncounted{state};
  json.is_null() ? lua_pushnil(state) : push_value(state, json, false);
}

void push_kept_json(lua_State* state, const Json& json) {
  const Lua::Uncounted uncounted{state};
  json.is_null() ? lua_pushnil(state) : push_value(state, json, true);
}

Json to_json(lua_State* state, int index, std::string_view what) { return Reader{state}.read(index, {nullptr, what}, 0); }

}  // namespace script

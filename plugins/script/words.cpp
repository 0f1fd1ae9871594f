#include "words.hpp"

#include <algorithm>
#include <hubbub/shown.hpp>
#include <tuple>
#include <vector>

#include "kept.hpp"
#include "strings.hpp"

namespace script {
namespace {

constexpr std::size_t longest_text = 1000;    // characters of a value that is not a table
constexpr std::size_t longest_inside = 100;   // characters of a value in a table
constexpr std::size_t most_entries = 100;     // of a table, counting those of the tables in it
constexpr int deepest = 6;                    // levels of tables

std::string text_of(lua_State* state, int index) {
  push_text(state, index);
  std::size_t size = 0;
  const char* data = lua_tolstring(state, -1, &size);
  std::string text{data, size};
  lua_pop(state, 1);
  return text;
}

bool is_name(const std::string& text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !text.empty() && text.size() <= longest_inside && letter(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

bool is_plain_table(lua_State* state, int index) {
  if (!lua_istable(state, index)) return false;
  const bool says_itself = luaL_getmetafield(state, index, "__tostring") != LUA_TNIL;
  if (says_itself) lua_pop(state, 1);
  return !says_itself;
}

class Telling {
 public:
  explicit Telling(lua_State* state) : state_(state) {}

  std::string value(int index, int depth) {
    if (is_plain_table(state_, index)) return table(index, depth);
    const auto text = text_of(state_, index);
    return lua_type(state_, index) == LUA_TSTRING ? hubbub::shown_text(text, longest_inside)
                                                  : hubbub::escaped(text, longest_inside);
  }

  std::string table(int index, int depth) {
    if (depth == deepest || !lua_checkstack(state_, 6)) return "{…}";
    struct Entry {
      int rank;
      lua_Number number;
      std::string key, value;
    };
    std::vector<Entry> entries;
    bool is_whole = true;
    push_contents(state_, index);
    const int at = lua_gettop(state_);
    for (lua_pushnil(state_); lua_next(state_, at) != 0; lua_pop(state_, 1)) {
      if (left_ == 0) {
        lua_pop(state_, 2);
        is_whole = false;
        break;
      }
      --left_;
      const int type = lua_type(state_, -2);
      const auto text = text_of(state_, -2);
      const auto key = type != LUA_TSTRING ? "[" + hubbub::escaped(text, longest_inside) + "]"
                       : is_name(text)     ? text
                                           : "[" + hubbub::shown_text(text, longest_inside) + "]";
      const auto number = type == LUA_TNUMBER ? lua_tonumber(state_, -2) : 0;
      entries.push_back({type == LUA_TNUMBER ? 0 : 1, number, key, value(-1, depth + 1)});
    }
    lua_pop(state_, 1);
    std::ranges::sort(entries, {}, [](const Entry& entry) { return std::tie(entry.rank, entry.number, entry.key); });
    std::string out;
    std::size_t next = 1;
    for (const auto& entry : entries) {
      out += out.empty() ? "" : ", ";
      const bool in_turn = entry.rank == 0 && entry.number == static_cast<lua_Number>(next);
      out += in_turn ? entry.value : entry.key + " = " + entry.value;
      next += in_turn ? 1 : 0;
    }
    if (!is_whole) out += out.empty() ? "…" : ", …";
    return "{" + out + "}";
  }

 private:
  lua_State* state_;
  std::size_t left_ = most_entries;
};

}  // namespace

std::string words_of(lua_State* state, int index) {
  if (is_plain_table(state, index)) return Telling{state}.table(index, 0);
  return hubbub::escaped(text_of(state, index), longest_text);
}

}  // namespace script

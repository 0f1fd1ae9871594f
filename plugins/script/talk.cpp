#include "talk.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "json.hpp"

namespace script {
namespace {

constexpr const char* greeting_table = "hubbub.greeting";  // in the registry
constexpr std::size_t of_message = 500;  // instructions that a message counts as: bounds the messages of one call
constexpr lua_Integer longest_wait = 365LL * 24 * 3600 * 1000;  // ms

void set(lua_State* state, const char* name, std::string_view text) {
  lua_pushlstring(state, text.data(), text.size());
  lua_setfield(state, -2, name);
}

void set(lua_State* state, const char* name, lua_Integer number) {
  lua_pushinteger(state, number);
  lua_setfield(state, -2, name);
}

void set_content(lua_State* state, const Json& content) {
  push_json(state, content);
  lua_setfield(state, -2, "content");
}

// The table at `index` as JSON. Throws if it has other fields than these names.
Json fields_of(lua_State* state, int index, const char* what, std::initializer_list<std::string_view> names) {
  luaL_checktype(state, index, LUA_TTABLE);
  auto fields = to_json(state, index, what);
  for (const auto& [name, value] : fields.items()) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      throw std::runtime_error(std::string{what} + " has the unknown field " + name);
    }
  }
  return fields;
}

// Throws if the type is not one of the script's own.
hubbub::Message to_message(lua_State* state, int index) {
  auto fields = fields_of(state, index, "message", {"type", "content"});
  if (!fields.contains("type") || !fields["type"].is_string()) throw std::runtime_error("message.type must be text");
  hubbub::Message message{fields["type"], nullptr};
  for (const auto& type : *Lua::of(state).at_hand().types) {
    if (type.name() != message.type) continue;
    if (const auto content = fields.find("content"); content != fields.end()) message.content = std::move(*content);
    return message;
  }
  throw std::runtime_error("message.type is " + Json(message.type).dump() + ", which this script does not declare");
}

hubbub::Member to_member(lua_State* state, int index) {
  const auto fields = fields_of(state, index, "member", {"id", "nickname", "connection"});
  try {
    return {fields.at("id"), fields.at("nickname"), fields.at("connection")};
  } catch (const Json::exception&) {
    throw std::runtime_error("a member must be one that on_message, greet, on_join or on_leave was given");
  }
}

hubbub::Entry to_entry(lua_State* state, int index) {
  auto fields = fields_of(state, index, "entry", {"seq", "ts", "id", "nickname", "type", "content"});
  fields.emplace("content", nullptr);
  try {
    return fields.get<hubbub::Entry>();
  } catch (const Json::exception&) {
    throw std::runtime_error("an entry must be one that apply was given");
  }
}

// On messages

std::optional<hubbub::Verdict>& verdict(lua_State* state) {
  const auto& call = Lua::of(state).at_hand();
  if (!call.verdict) throw std::runtime_error("only on_message can decide on a message, not " + std::string{call.function});
  if (*call.verdict) throw std::runtime_error("on_message has decided already");
  return *call.verdict;
}

template <hubbub::Verdict (*decision)(hubbub::Message)>
int decide(lua_State* state) {
  auto& its = verdict(state);
  its = decision(to_message(state, 1));
  return 0;
}

int reject(lua_State* state) {
  verdict(state);
  luaL_checktype(state, 1, LUA_TSTRING);
  Lua::of(state).reject(state, to_json(state, 1, "the reason").get<std::string>());
}

// The room

hubbub::Room& room(lua_State* state) {
  const auto& call = Lua::of(state).at_hand();
  if (!call.room) throw std::runtime_error("room is not available in " + repeatable(call));
  return *call.room;
}

int name(lua_State* state) {
  const auto& text = room(state).name();
  lua_pushlstring(state, text.data(), text.size());
  return 1;
}

int members(lua_State* state) {
  lua_pushinteger(state, static_cast<lua_Integer>(room(state).members()));
  return 1;
}

int unix_ms(lua_State* state) {
  lua_pushinteger(state, room(state).unix_ms());
  return 1;
}

int post(lua_State* state) {
  auto& its = room(state);
  Lua::of(state).charge(state, of_message);
  its.post(to_message(state, 1));
  return 0;
}

int send(lua_State* state) {
  auto& its = room(state);
  Lua::of(state).charge(state, of_message);
  const auto to = to_member(state, 1);
  its.send(to, to_message(state, 2));
  return 0;
}

int wake_after(lua_State* state) {
  auto& its = room(state);
  const auto delay = luaL_checkinteger(state, 1);
  luaL_argcheck(state, delay >= 0 && delay <= longest_wait, 1, "must be milliseconds, from 0 to a year");
  *Lua::of(state).at_hand().due = its.unix_ms() + delay;
  return 0;
}

// The greeting

hubbub::Greeting& greeting(lua_State* state) {
  auto* its = Lua::of(state).at_hand().greeting;
  if (!its) throw std::runtime_error("greeting can only be used in greet");
  return *its;
}

int greet_with(lua_State* state) {
  Lua::of(state).charge(state, of_message);
  greeting(state).send(to_message(state, 1));
  return 0;
}

int replay(lua_State* state) {
  Lua::of(state).charge(state, of_message);
  greeting(state).replay(to_entry(state, 1));
  return 0;
}

constexpr std::array<luaL_Reg, 4> verdicts = {{{"broadcast", throwing<decide<hubbub::broadcast>>},
                                               {"reply", throwing<decide<hubbub::reply>>},
                                               {"reject", throwing<reject>},
                                               {}}};
constexpr std::array<luaL_Reg, 7> of_room = {{{"name", throwing<name>},
                                              {"members", throwing<members>},
                                              {"unix_ms", throwing<unix_ms>},
                                              {"post", throwing<post>},
                                              {"send", throwing<send>},
                                              {"wake_after", throwing<wake_after>},
                                              {}}};
constexpr std::array<luaL_Reg, 3> of_greeting = {{{"send", throwing<greet_with>}, {"replay", throwing<replay>}, {}}};

}  // namespace

void push_member(lua_State* state, const hubbub::Member& member) {
  lua_createtable(state, 0, 3);
  set(state, "id", member.id);
  set(state, "nickname", member.nickname);
  set(state, "connection", static_cast<lua_Integer>(member.connection));
}

void push_message(lua_State* state, const hubbub::Message& message) {
  lua_createtable(state, 0, 2);
  set(state, "type", message.type);
  set_content(state, message.content);
}

void push_entry(lua_State* state, const hubbub::Entry& entry) {
  lua_createtable(state, 0, 6);
  set(state, "seq", static_cast<lua_Integer>(entry.seq));
  set(state, "ts", lua_Integer{entry.ts});
  set(state, "id", entry.id);
  set(state, "nickname", entry.nickname);
  set(state, "type", entry.type);
  set_content(state, entry.content);
}

void push_greeting(lua_State* state) { lua_getfield(state, LUA_REGISTRYINDEX, greeting_table); }

void add_talk(lua_State* state) {
  luaL_setfuncs(state, verdicts.data(), 0);
  lua_newtable(state);
  luaL_setfuncs(state, of_room.data(), 0);
  lua_setfield(state, -2, "room");
  lua_newtable(state);
  luaL_setfuncs(state, of_greeting.data(), 0);
  lua_setfield(state, LUA_REGISTRYINDEX, greeting_table);
}

}  // namespace script

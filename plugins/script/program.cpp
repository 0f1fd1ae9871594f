#include "program.hpp"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include "json.hpp"
#include "kept.hpp"
#include "library.hpp"

namespace script {
namespace {

constexpr std::array<const char*, static_cast<std::size_t>(Function::count)> names = {
    "on_message", "apply", "snapshot", "restore", "greet", "on_open", "on_join", "on_leave", "on_timer"};

const char* name_of(Function function) { return names[static_cast<std::size_t>(function)]; }

// Converting the state does not count against the limits: its size is bounded by the memory limit.
Json state_at_top(lua_State* state) {
  const Lua::Uncounted uncounted{state};
  return to_json(state, -1, "state");
}

}  // namespace

Program::Program(Lua& lua, const hubbub::Options::TextFile& file, const Json& options)
    : lua_(lua),
      file_(std::filesystem::path{file.name}.filename().string()),
      name_(std::filesystem::path{file_}.stem().string()) {
  references_.fill(LUA_NOREF);
  run({.function = "the file", .changes_state = true, .declares = &types_}, [&](lua_State* state) { load(state, file.text, options); });
  if (types_.empty()) {
    throw std::runtime_error(file_ + ": it declares no type; write logged(\"name\"), ephemeral(\"name\") or question(\"name\")");
  }
}

void Program::load(lua_State* state, const std::string& text, const Json& options) {
  push_environment(state);
  lua_newtable(state);
  keep(state, -1);
  lua_setfield(state, 1, "state");
  push_json(state, options);
  lua_setfield(state, 1, "options");
  if (luaL_loadbufferx(state, text.data(), text.size(), ("@" + file_).c_str(), "t") != LUA_OK) lua_error(state);
  lua_pushvalue(state, 1);
  lua_setupvalue(state, -2, 1);
  lua_call(state, 0, 0);
  find_functions(state);
  environment_ = luaL_ref(state, LUA_REGISTRYINDEX);
  settle_state(state, true);
}

// Looks in the environment at the top of the stack.
void Program::find_functions(lua_State* state) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const int type = lua_getfield(state, -1, names[i]);
    if (type != LUA_TNIL && type != LUA_TFUNCTION) throw std::runtime_error(std::string{names[i]} + " must be a function");
    references_[i] = type == LUA_TNIL ? lua_pop(state, 1), LUA_NOREF : luaL_ref(state, LUA_REGISTRYINDEX);
  }
  if (defines(Function::snapshot) != defines(Function::restore)) {
    throw std::runtime_error("snapshot and restore go together; define both, or keep what lasts in the table state");
  }
  for (lua_pushnil(state); lua_next(state, -2) != 0; lua_pop(state, 1)) {
    const std::string key = lua_type(state, -2) == LUA_TSTRING ? lua_tostring(state, -2) : "";
    const bool is_known = std::ranges::find(names, key) != names.end();
    if (key.starts_with("on_") && lua_isfunction(state, -1) && !is_known) {
      throw std::runtime_error("no function " + key + " is ever called; there are on_message, on_open, on_join, on_leave and on_timer");
    }
  }
}

std::optional<std::string> Program::run(Call call, const std::function<void(lua_State*)>& body) {
  call.types = &types_;
  call.due = &due;
  try {
    return lua_.call(call, body);
  } catch (const std::runtime_error& error) {
    const std::string words = error.what();
    throw std::runtime_error(words.starts_with(file_ + ":") ? words : file_ + ": " + words);
  }
}

// After a call the script's variable `state` may hold another value. If the call may change it (`changes`), that value becomes the
// state; else the previous one is put back and require_change() throws.
void Program::settle_state(lua_State* state, bool changes) {
  lua_rawgeti(state, LUA_REGISTRYINDEX, environment_);
  lua_pushliteral(state, "state");
  lua_rawget(state, -2);
  lua_rawgetp(state, LUA_REGISTRYINDEX, this);
  if (lua_rawequal(state, -1, -2)) return lua_pop(state, 3);
  if (changes) {
    lua_pop(state, 1);
    keep(state, -1);
    lua_rawsetp(state, LUA_REGISTRYINDEX, this);
    return lua_pop(state, 1);
  }
  lua_pushliteral(state, "state");
  lua_insert(state, -2);
  lua_rawset(state, -4);
  lua_pop(state, 2);
  require_change(state);
}

std::optional<std::string> Program::call(Function function, Call call, const Push& push, Json* result) {
  call.function = name_of(function);
  call.changes_state = function == Function::apply || function == Function::restore;
  return run(call, [&](lua_State* state) {
    lua_rawgeti(state, LUA_REGISTRYINDEX, references_[static_cast<std::size_t>(function)]);
    lua_call(state, push(state), 1);
    settle_state(state, call.changes_state);
    if (result) *result = state_at_top(state);
  });
}

Json Program::snapshot() {
  Json json;
  if (defines(Function::snapshot)) {
    call(Function::snapshot, {}, [](lua_State*) { return 0; }, &json);
    return json;
  }
  run({.function = "snapshot"}, [&](lua_State* state) {
    lua_rawgeti(state, LUA_REGISTRYINDEX, environment_);
    lua_pushliteral(state, "state");
    lua_rawget(state, -2);
    json = state_at_top(state);
  });
  return json;
}

void Program::restore(const Json& json) {
  const auto push = [&](lua_State* state) { return push_json(state, json), 1; };
  if (defines(Function::restore)) {
    call(Function::restore, {}, push);
    return;
  }
  run({.function = "restore", .changes_state = true}, [&](lua_State* state) {
    lua_rawgeti(state, LUA_REGISTRYINDEX, environment_);
    lua_pushliteral(state, "state");
    push_kept_json(state, json);
    lua_rawset(state, -3);
    lua_pop(state, 1);
    settle_state(state, true);
  });
}

}  // namespace script

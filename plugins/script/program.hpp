// One file of Lua, loaded for one room: the types it declares and the functions it defines, in an environment of its own.
//
// It belongs to a Lua state, which outlives it, and lives on the room's thread.
#pragma once

#include <array>

#include "lua.hpp"

namespace script {

// The functions that a room calls, in the order of their names in program.cpp.
enum class Function { on_message, apply, snapshot, restore, greet, on_open, on_join, on_leave, on_timer, count };

class Program {
 public:
  // Runs the file. Throws std::runtime_error with what is wrong with it: "dice.lua:3: …".
  Program(Lua& lua, const hubbub::Options::TextFile& file, const Json& options);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  const std::string& file() const { return file_; }  // dice.lua
  const std::string& name() const { return name_; }  // dice
  const std::vector<hubbub::Type>& types() const { return types_; }
  bool defines(Function function) const { return references_[static_cast<std::size_t>(function)] != LUA_NOREF; }

  // Within a call: pushes the function's arguments, and says how many.
  using Push = std::function<int(lua_State*)>;

  // Calls a function that it defines. Gives the words of a rejection, and throws std::runtime_error with those of an error.
  std::optional<std::string> call(Function function, Call call, const Push& push, Json* result = nullptr);

  // Its state as JSON, and from JSON: by its functions snapshot and restore, or its table `state` where it has none.
  Json snapshot();
  void restore(const Json& json);

  std::optional<std::int64_t> due;  // when it is to be called on_timer, ms since 1970

 private:
  std::optional<std::string> run(Call call, const std::function<void(lua_State*)>& body);
  void load(lua_State* state, const std::string& text, const Json& options);
  void find_functions(lua_State* state);
  void settle_state(lua_State* state, bool changes);

  Lua& lua_;
  const std::string file_;
  const std::string name_;
  std::vector<hubbub::Type> types_;
  int environment_ = LUA_NOREF;
  std::array<int, static_cast<std::size_t>(Function::count)> references_;
};

}  // namespace script

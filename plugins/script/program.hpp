// One Lua file, loaded for one room: the types that it declares and the functions that it defines, in its own environment.
//
// Belongs to a Lua state, which must outlive it. Used on the room's thread.
#pragma once

#include <array>

#include "lua.hpp"

namespace script {

// The functions that a room calls, in the order of `names` in program.cpp.
enum class Function { on_message, apply, snapshot, restore, greet, on_open, on_join, on_leave, on_timer, count };

class Program {
 public:
  // Runs the file. Throws std::runtime_error, with the place, if something is wrong: "dice.lua:3: …".
  Program(Lua& lua, const hubbub::Options::TextFile& file, const Json& options);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  const std::string& file() const { return file_; }  // dice.lua
  const std::string& name() const { return name_; }  // dice
  const std::vector<hubbub::Type>& types() const { return types_; }
  bool defines(Function function) const { return references_[static_cast<std::size_t>(function)] != LUA_NOREF; }

  // Pushes the function's arguments and returns how many.
  using Push = std::function<int(lua_State*)>;

  // Calls a function that the file defines. Returns the words of a rejection; throws std::runtime_error for an error.
  std::optional<std::string> call(Function function, Call call, const Push& push, Json* result = nullptr);

  // Its state to JSON and back: through its functions snapshot and restore or, if it has none, its table `state`.
  Json snapshot();
  void restore(const Json& json);

  std::optional<std::int64_t> due;  // when to call its on_timer, ms since 1970

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

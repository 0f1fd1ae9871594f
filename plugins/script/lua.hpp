// A Lua state that cannot run away: the work of one call and the memory in use are bounded. A call that exceeds a bound is stopped,
// and no pcall in the script can catch that.
//
// The Lua library is built as C++, so an error in Lua unwinds the stack like an exception. It is not a std::exception, and only Lua
// may catch it. All functions that take a lua_State must be called within a call(). Used on one thread, the room's.
#pragma once

#include <hubbub/plugin.hpp>

#include <functional>
#include <lua5.4/lua.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace script {

using hubbub::Json;

struct Limits {
  std::size_t memory;         // bytes in use at once
  std::int64_t instructions;  // in one call; 64 bytes allocated count as one
};

// The current call's context, for the library functions that a script calls.
struct Call {
  const char* function = "";  // such as on_message
  bool is_fold = true;        // it must give the same result each time: no chance, no time, no room
  bool changes_state = false; // whether it may change the table `state`
  const std::vector<hubbub::Type>* types = nullptr;   // the types that the script declares
  std::vector<hubbub::Type>* declares = nullptr;      // the same list, while the file is loaded and may add types; else null
  hubbub::Room* room = nullptr;                       // null if the call has no room
  hubbub::Greeting* greeting = nullptr;               // null except in greet
  std::optional<hubbub::Verdict>* verdict = nullptr;  // receives the verdict; null except in on_message
  std::optional<std::int64_t>* due = nullptr;         // receives the time for on_timer, ms since 1970
};

// For an error: "apply, which must give the same result whenever it runs".
inline std::string repeatable(const Call& call) {
  return std::string{call.function} + ", which must give the same result whenever it runs";
}

class Lua {
 public:
  explicit Lua(const Limits& limits);
  Lua(const Lua&) = delete;
  Lua& operator=(const Lua&) = delete;

  // Runs `body` with an empty stack and fresh limits. If the script calls reject(), returns the words of the rejection. Throws
  // std::runtime_error for any other error.
  std::optional<std::string> call(const Call& call, const std::function<void(lua_State*)>& body);

  // The object that owns `state`.
  static Lua& of(lua_State* state) { return **static_cast<Lua**>(lua_getextraspace(state)); }

  // Whether a call that must not change anything was stopped and left much memory in use: then the state must be replaced.
  bool is_spoilt() const { return is_spoilt_; }

  const Call& at_hand() const { return call_; }  // the current call
  std::size_t most_memory() const { return limits_.memory; }

  // Instructions that the current call may still take.
  std::int64_t left() const { return left_; }

  // While one exists, only Lua's own instructions count: for work whose size is bounded anyway.
  class Uncounted {
   public:
    explicit Uncounted(lua_State* state) : lua_(of(state)) { lua_.counts_ = false; }
    Uncounted(const Uncounted&) = delete;
    Uncounted& operator=(const Uncounted&) = delete;
    ~Uncounted() { lua_.counts_ = true; }

   private:
    Lua& lua_;
  };

  // Counts other work as this many instructions. Raises a Lua error if none are left.
  void charge(lua_State* state, std::size_t instructions);

  // Ends the current call with a rejection.
  [[noreturn]] void reject(lua_State* state, std::string words);

  // Whether an error, for which a protected call returned `status`, ends the whole call, so that a script must not catch it.
  bool is_final(int status);

 private:
  // The current place in a script, and its callers: "dice.lua:3", "; called from roll (dice.lua:7), on_message (dice.lua:12)".
  struct Trace {
    std::string place, callers;
  };
  enum class End { none, rejected, stopped };
  struct Close {
    void operator()(lua_State* state) const { lua_close(state); }
  };

  static void* allocate(void* self, void* block, std::size_t old_size, std::size_t new_size);
  static void on_count(lua_State* state, lua_Debug*);
  static int on_error(lua_State* state);
  Trace trace(lua_State* state) const;
  [[noreturn]] void stop(lua_State* state, const std::string& when);

  const Limits limits_;
  std::size_t used_ = 0;    // bytes
  std::int64_t left_ = 0;   // instructions
  std::int64_t until_ = 0;  // the deadline, in ns of the thread's processor time; 0: not set yet
  bool counts_ = true;
  bool is_spoilt_ = false;
  End end_ = End::none;
  std::string words_;  // why the call ended
  Trace trace_;        // of the latest error
  std::string value_;  // the latest error's value, if it is not text
  Call call_;
  std::unique_ptr<lua_State, Close> state_;
};

// Makes a lua_CFunction of a `function` that may throw: a std::exception becomes an error in Lua.
template <lua_CFunction function>
int throwing(lua_State* state) {
  try {
    return function(state);
  } catch (const std::exception& error) {
    luaL_where(state, 1);
    lua_pushstring(state, error.what());
  }
  lua_concat(state, 2);
  return lua_error(state);
}

}  // namespace script

// A Lua state that cannot run away: what it does in one call and what it holds are bounded, and what goes beyond is stopped
// for good until the call ends, whatever catches errors on the way.
//
// The library is Lua built as C++, so an error in Lua unwinds the stack like an exception; it is no std::exception, and
// nothing but Lua may catch it. All that takes a lua_State is for within a call(). One thread at a time, the room's own.
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

// What the functions that a script calls need to know of the call that they are in.
struct Call {
  const char* function = "";  // such as on_message
  bool is_fold = true;        // it must come to the same result each time: no chance, no time, no room
  bool changes_state = false; // it may change the table `state`
  const std::vector<hubbub::Type>* types = nullptr;   // that the script declares
  std::vector<hubbub::Type>* declares = nullptr;      // the same, while more may be added
  hubbub::Room* room = nullptr;                       // these where there is such a thing
  hubbub::Greeting* greeting = nullptr;
  std::optional<hubbub::Verdict>* verdict = nullptr;  // what on_message decides
  std::optional<std::int64_t>* due = nullptr;         // when on_timer is to be called, ms since 1970
};

// For an error: "apply, which comes to the same result whenever it runs".
inline std::string repeatable(const Call& call) {
  return std::string{call.function} + ", which comes to the same result whenever it runs";
}

class Lua {
 public:
  explicit Lua(const Limits& limits);
  Lua(const Lua&) = delete;
  Lua& operator=(const Lua&) = delete;

  // Runs `body` with an empty stack and the limits counted anew. Gives the words with which it was rejected, where it was.
  // Throws std::runtime_error with those of any other error.
  std::optional<std::string> call(const Call& call, const std::function<void(lua_State*)>& body);

  // The one that `state` belongs to.
  static Lua& of(lua_State* state) { return **static_cast<Lua**>(lua_getextraspace(state)); }

  // Whether a call that was to change nothing has been stopped and has left much behind: a new state is needed.
  bool is_spoilt() const { return is_spoilt_; }

  const Call& at_hand() const { return call_; }
  std::size_t most_memory() const { return limits_.memory; }

  // Instructions that the call at hand may still take.
  std::int64_t left() const { return left_; }

  // While there is one, nothing counts but Lua's own instructions: for work whose size is bounded anyway.
  class Uncounted {
   public:
    explicit Uncounted(lua_State* state) : lua_(of(state)) { lua_.counts_ = false; }
    Uncounted(const Uncounted&) = delete;
    Uncounted& operator=(const Uncounted&) = delete;
    ~Uncounted() { lua_.counts_ = true; }

   private:
    Lua& lua_;
  };

  // Counts other work as so many instructions. Raises an error where they are used up.
  void charge(lua_State* state, std::size_t instructions);

  // Ends the call at hand.
  [[noreturn]] void reject(lua_State* state, std::string words);

  // Whether the error that a protected call gave `status` for ends the whole call, so that nobody may catch it.
  bool is_final(int status);

 private:
  // Where a script is, and from where it was called: "dice.lua:3", "; called from roll (dice.lua:7), on_message (dice.lua:12)".
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
  std::int64_t until_ = 0;  // of the thread's processor time, in ns; 0: nobody has looked yet
  bool counts_ = true;
  bool is_spoilt_ = false;
  End end_ = End::none;
  std::string words_;  // why it ended
  Trace trace_;        // of the error that has just been raised
  std::string value_;  // and what it is, where that is no text
  Call call_;
  std::unique_ptr<lua_State, Close> state_;
};

// As a lua_CFunction, a `function` that may throw: what is thrown becomes an error in Lua.
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

#include "original.hpp"

namespace script {

// A function in Lua's libraries has at most one upvalue (math.random has the state of its generator). It stays upvalue 1, where the
// original expects it; upvalue 2 is the original.
void replace(lua_State* state, const char* name, lua_CFunction function) {
  lua_getfield(state, -1, name);
  if (!lua_getupvalue(state, -1, 1)) lua_pushnil(state);
  lua_pushcfunction(state, lua_tocfunction(state, -2));
  lua_pushcclosure(state, function, 2);
  lua_setfield(state, -3, name);
  lua_pop(state, 1);
}

// Runs in the same stack frame, so that the original's error messages stay the same.
int call_original(lua_State* state) { return lua_tocfunction(state, lua_upvalueindex(2))(state); }

void remove(lua_State* state, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    lua_pushnil(state);
    lua_setfield(state, -2, name);
  }
}

}  // namespace script

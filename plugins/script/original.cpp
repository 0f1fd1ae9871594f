#include "original.hpp"

namespace script {

// A function in Lua's libraries has at most one value of its own (math.random the state of its generator), and finds it
// where it has always been; behind it is the original.
void replace(lua_State* state, const char* name, lua_CFunction function) {
  lua_getfield(state, -1, name);
  if (!lua_getupvalue(state, -1, 1)) lua_pushnil(state);
  lua_pushcfunction(state, lua_tocfunction(state, -2));
  lua_pushcclosure(state, function, 2);
  lua_setfield(state, -3, name);
  lua_pop(state, 1);
}

// Within the same frame, so that what it says of an error is what it has always said.
int call_original(lua_State* state) { return lua_tocfunction(state, lua_upvalueindex(2))(state); }

void remove(lua_State* state, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    lua_pushnil(state);
    lua_setfield(state, -2, name);
  }
}

}  // namespace script

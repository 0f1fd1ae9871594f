// JSON in Lua and back, without loss: what a script does not touch comes out as it went in, whole numbers from 2^63 on aside.
//
// An object is a table with names; a list is a table that is marked as one, or has entries, so that `[]` stays `[]`; null
// is the light userdata of the null pointer, except at the top, where it is nil.
#pragma once

#include "lua.hpp"

namespace script {

void push_json(lua_State* state, const Json& json);

// The same with tables that only apply may change.
void push_kept_json(lua_State* state, const Json& json);

// Throws std::runtime_error where there is no such JSON: functions, cycles, numbers that are not finite, text that is not
// UTF-8, tables with names and entries, what is larger than the state's memory. `what` is its name for the error.
Json to_json(lua_State* state, int index, std::string_view what);

}  // namespace script

// Converts JSON to Lua values and back without loss: a value that a script does not touch comes back as it was, except whole numbers
// from 2^63 on.
//
// An object is a table with text keys. A list is a table with entries, or one that is marked as a list, so that `[]` stays `[]`.
// null is a light userdata with the null pointer, but nil if it is the whole value.
#pragma once

#include "lua.hpp"

namespace script {

void push_json(lua_State* state, const Json& json);

// Like push_json(), but all tables are kept ones (see kept.hpp).
void push_kept_json(lua_State* state, const Json& json);

// Throws std::runtime_error if the value cannot be JSON (functions, cycles, numbers that are not finite, text that is not UTF-8,
// tables with both text keys and entries) or is larger than the state's memory limit. `what` names the value in the error.
Json to_json(lua_State* state, int index, std::string_view what);

}  // namespace script

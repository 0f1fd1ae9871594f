// The functions logged, ephemeral and question, with which a script declares its types while its file is loaded.
#pragma once

#include "lua.hpp"

namespace script {

// Adds them to the table at the top of the stack.
void add_types(lua_State* state);

}  // namespace script

// The functions with which a script declares its types while its file is loaded: logged, ephemeral and question.
#pragma once

#include "lua.hpp"

namespace script {

// Adds them to the table at the top.
void add_types(lua_State* state);

}  // namespace script

// What a value looks like to people: for print, and for an error that is no text. One line, of bounded length, without what
// would make it two.
#pragma once

#include <string>

#include "lua.hpp"

namespace script {

// The value at `index`: text as it is, a table with what is in it, anything else as tostring has it.
std::string words_of(lua_State* state, int index);

}  // namespace script

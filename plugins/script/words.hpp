// Shows a value to people: for print, and for errors that are not text. Always one line of bounded length.
#pragma once

#include <string>

#include "lua.hpp"

namespace script {

// The value at `index`: text as it is, a table with its entries, anything else as tostring shows it.
std::string words_of(lua_State* state, int index);

}  // namespace script

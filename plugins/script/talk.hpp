// How a script and its room talk: members, messages and entries as tables; the functions broadcast, reply and reject; and the
// tables room and greeting.
#pragma once

#include "lua.hpp"

namespace script {

void push_member(lua_State* state, const hubbub::Member& member);
void push_message(lua_State* state, const hubbub::Message& message);
void push_entry(lua_State* state, const hubbub::Entry& entry);
void push_greeting(lua_State* state);

// Adds the functions and tables to the table at the top of the stack.
void add_talk(lua_State* state);

}  // namespace script

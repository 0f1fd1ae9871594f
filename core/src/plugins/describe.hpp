// A JSON Schema in words, for somebody who wants to know what to send.
#pragma once

#include <string>
#include <vector>

#include "protocol/json.hpp"

namespace hubbub::plugins {

// Lines: the first says what a value is ("a string of 1 to 64 characters"), the others, indented, what is in it. A field with
// a question mark may be left out. Throws nothing for a schema that the server accepts.
std::vector<std::string> describe(const Json& schema);

}  // namespace hubbub::plugins

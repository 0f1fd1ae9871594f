// A JSON Schema in words, for people who want to know what to send.
#pragma once

#include <string>
#include <vector>

#include "protocol/json.hpp"

namespace hubbub::plugins {

// Returns lines: the first says what a value is ("a string of 1 to 64 characters"), the others, indented, what is in it. A question
// mark after a field's name means that the field may be left out. Throws nothing if the server accepts the schema.
std::vector<std::string> describe(const Json& schema);

}  // namespace hubbub::plugins

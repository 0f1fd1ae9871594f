// Finds misspelt keywords in a JSON Schema. The standard says that unknown keywords are ignored, so `maxLenght` would let everything in.
// Any thread.
#pragma once

#include "protocol/json.hpp"

namespace hubbub::plugins {

// Throws std::runtime_error if `schema`, or a schema inside it, has a keyword that JSON Schema draft 7 does not know. Keywords that
// begin with `x-` are the author's own.
void check_keywords(const Json& schema);

}  // namespace hubbub::plugins

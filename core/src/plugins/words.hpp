// Words for JSON values and types, used in refusals and in manuals.
#pragma once

#include <string>

#include "protocol/json.hpp"

namespace hubbub::plugins {

std::string plain(const Json& value);            // as JSON; a whole number without a fraction
std::string one_of(const Json& values);          // "a", "b"
std::string type_name(const std::string& type);  // a type of JSON Schema: "a whole number", "an object"

// "1 character", "64 characters".
std::string counted(const Json& number, const std::string& one, const std::string& many);

}  // namespace hubbub::plugins

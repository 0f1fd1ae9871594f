// JSON from strangers, and JSON made fast. Pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

using Json = nlohmann::json;

// The value that `text` holds, or nothing when it is not JSON (RFC 8259; numbers must be finite) or nested deeper than
// `max_depth` arrays and objects. No deeper value is ever made: copying or dumping one can overflow the stack.
std::optional<Json> parse_json(std::string_view text, std::size_t max_depth);

// Adds `text` to `out` as a JSON string with its quotes, or `json` as JSON text that reads back as the same value. Throws
// std::runtime_error, which says what stands where, if there is anything that JSON cannot hold: a number that is not finite,
// binary data, a discarded value, text that is not UTF-8; or more than 1000 levels. `out` may have been added to then.
void append_json_text(std::string& out, std::string_view text);
void append_json(std::string& out, const Json& json);

std::string json_text(std::string_view text);

// Gives each number the type that it has once it has been written and read again: what is whole and not negative is unsigned.
// For a value that can be written.
void as_read(Json& json);

}  // namespace hubbub

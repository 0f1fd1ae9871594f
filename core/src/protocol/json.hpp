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

// Adds `text` to `out` as a JSON string with its quotes, or `json` as JSON text. Throws Json::exception where there is
// anything that is not valid UTF-8.
void append_json_text(std::string& out, std::string_view text);
void append_json(std::string& out, const Json& json);

std::string json_text(std::string_view text);

}  // namespace hubbub

// Parses JSON from untrusted sources, and writes JSON fast. Pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

using Json = nlohmann::json;

// Returns nothing if `text` is not JSON (RFC 8259; numbers must be finite) or is nested deeper than `max_depth` arrays and
// objects. No deeper value is ever built: copying or dumping it could overflow the stack.
std::optional<Json> parse_json(std::string_view text, std::size_t max_depth);

// Appends to `out`: `text` as a JSON string with its quotes, or `json` as JSON text that reads back as the same value. Throws
// std::runtime_error, which names the problem and its place, for what JSON cannot hold (a number that is not finite, binary
// data, a discarded value, text that is not UTF-8) and for more than 1000 levels. A part may then already be in `out`.
void append_json_text(std::string& out, std::string_view text);
void append_json(std::string& out, const Json& json);

std::string json_text(std::string_view text);

// Gives each number the type it would have after being written and parsed again: whole numbers that are not negative become
// unsigned. `json` must be a value that append_json() accepts.
void as_read(Json& json);

}  // namespace hubbub

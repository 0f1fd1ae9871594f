// JSON from strangers, and JSON made fast. Pure functions.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub {

using Json = nlohmann::json;

// The value that `text` holds, or nothing when it is not JSON (RFC 8259; numbers must be finite) or nested deeper than
// `max_depth` arrays and objects. The depth is counted on the bytes, before anything recursive touches the value: copying
// or dumping a deep one can overflow the stack.
std::optional<Json> parse_json(std::string_view text, std::size_t max_depth);

// `text` as a JSON string with its quotes. `text` must be valid UTF-8.
std::string json_text(std::string_view text);

}  // namespace hubbub

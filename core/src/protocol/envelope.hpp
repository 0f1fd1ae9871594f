// What a client sends: {"type": string, "content": any, "ref"?: string | number}. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "protocol/error.hpp"
#include "protocol/json.hpp"

namespace hubbub {

struct Envelope {
  std::string type;
  Json content;     // null when there was none
  std::string ref;  // as JSON text, ready to be copied back; empty when there was none
  std::uint64_t asked = 0;  // the number of type and content (see asked_number); without a ref, of the text as it came
};

// What could not be taken, with the `ref` to answer under where there was a usable one.
struct BadEnvelope {
  Refusal refusal;
  std::string ref;
};

// Reads a message. Other fields are ignored: `room` and `nickname` are stamped from the connection.
std::variant<Envelope, BadEnvelope> parse_envelope(std::string_view text, std::size_t max_depth);

// The `ref` of a message that is refused unread, as JSON text; empty if it has no usable one. Costs about 1 ns a byte, a tenth
// of what reading the message costs.
std::string ref_of(std::string_view text);

}  // namespace hubbub

// What a client sends: {"type": string, "content": any, "ref"?: string | number}. A `ref` is a string of at most 64 characters, a whole
// number of 64 bits, or a fraction below 2^53. Pure functions.
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
  Json content;     // null if there was none
  std::string ref;  // JSON text, ready to be copied into the answer; empty if there was none
  std::uint64_t asked = 0;  // hash of type and content (see asked_number); if there is no ref, hash of the raw text
};

// A message that was refused, with the `ref` for the answer; `ref` is empty if the message has no usable one.
struct BadEnvelope {
  Refusal refusal;
  std::string ref;
};

// Parses a message. Other fields are ignored: `room` and `nickname` are stamped from the connection.
std::variant<Envelope, BadEnvelope> parse_envelope(std::string_view text, std::size_t max_depth);

// The `ref` of a message that is refused without being parsed, as JSON text; empty if it has no usable one. Costs about 1 ns a
// byte, a tenth of parse_envelope().
std::string ref_of(std::string_view text);

}  // namespace hubbub

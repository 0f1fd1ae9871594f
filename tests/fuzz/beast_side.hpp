// The events of Beast's websocket::stream, as a server, for a client's bytes: the second opinion for codec_fuzz.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "frame_grammar.hpp"
#include "net/websocket/frame_reader.hpp"

namespace hubbub::fuzz {

struct Event {
  using Kind = net::Received::Kind;
  Kind kind = Kind::nothing;
  std::uint16_t code = 0;
  std::string payload = {};
  bool operator==(const Event&) const = default;
};

// The events in order; a close or a failure is the last.
std::vector<Event> read_with_beast(const Script& script);

// Its Sec-WebSocket-Extensions in answer to `offers`; empty if it declines.
std::string negotiate_with_beast(const std::string& offers);

}  // namespace hubbub::fuzz

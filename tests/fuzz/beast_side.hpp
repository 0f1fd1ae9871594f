// How Beast's websocket::stream, in the role of a server, takes what a client sends: the other opinion for codec_fuzz.
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

// In order; a close or a failure is the last.
std::vector<Event> read_with_beast(const Script& script);

// The Sec-WebSocket-Extensions that it answers `offers` with; empty where it declines.
std::string negotiate_with_beast(const std::string& offers);

}  // namespace hubbub::fuzz

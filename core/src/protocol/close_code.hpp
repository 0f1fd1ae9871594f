// Why a WebSocket is closed: the number on the wire. The number alone tells a client whether to reconnect: after 4000–4499 it
// should, after 4500–4999 it should not (a common convention for application close codes).
#pragma once

#include <cstdint>

namespace hubbub {

enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,      // the server is shutting down
  protocol_error = 1002,
  unsupported = 1003,     // a binary frame: only text is supported
  invalid_text = 1007,    // text that is not UTF-8
  policy = 1008,          // a message was not finished in time
  too_big = 1009,
  internal = 1011,
  overloaded = 1013,      // the room is full; try again later
  too_slow = 4000,        // the outbox overflowed; resume from the last seq
  no_pong = 4001,
  kept_breaking_limits = 4502,
};

}  // namespace hubbub

// Judges what a client offers of permessage-deflate in its handshake (RFC 7692, 7.1; RFC 6455, 9.1). No I/O; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hubbub::net {

struct Deflation {
  int window_bits;       // 8 to 15: the window that the client keeps for what it is sent, 2^window_bits bytes
  std::string response;  // the value of Sec-WebSocket-Extensions to answer with
};

// `offers` is the value of the request's Sec-WebSocket-Extensions, of several joined by commas. Takes the first offer that
// can be taken, for no context takeover in both directions; nothing where there is none, or where the value does not
// follow the grammar.
std::optional<Deflation> negotiate_deflate(std::string_view offers);

}  // namespace hubbub::net

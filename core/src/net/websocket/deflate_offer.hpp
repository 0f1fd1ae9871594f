// Chooses among a client's offers of permessage-deflate in its handshake (RFC 7692, 7.1; RFC 6455, 9.1). No I/O; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hubbub::net {

struct Deflation {
  int window_bits;       // 8 to 15: the client inflates with a window of 2^window_bits bytes
  std::string response;  // the value of Sec-WebSocket-Extensions to answer with
};

// `offers` is the value of the header Sec-WebSocket-Extensions; several headers are joined by commas. Accepts the first acceptable offer,
// without context takeover in either direction. Returns nothing if there is none, or if the value breaks the grammar.
std::optional<Deflation> negotiate_deflate(std::string_view offers);

}  // namespace hubbub::net

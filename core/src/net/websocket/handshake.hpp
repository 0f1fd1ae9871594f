// Judges a request for a WebSocket by its head (RFC 6455, 4.2.1). No I/O; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/request_head.hpp"

namespace hubbub::net {

// Nothing if the handshake can go on.
std::optional<RequestProblem> handshake_problem(std::string_view method, bool http_1_1, const HeaderLookup& header);

// How a handshake without a problem is answered.
struct Accepted {
  std::string response;  // the whole head
  int window_bits = 0;   // of what the server compresses (RFC 7692); 0: nothing is compressed, in either direction
};

// `subprotocol` is the one chosen, or empty; with `compression` the first offer of permessage-deflate that can be met is.
Accepted accept_handshake(const HeaderLookup& header, std::string_view subprotocol, bool compression);

}  // namespace hubbub::net

// Judges a request for a WebSocket by its head (RFC 6455, 4.2.1). No I/O; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/request_head.hpp"

namespace hubbub::net {

// Returns what is wrong with the handshake, or nothing if it can be accepted.
std::optional<RequestProblem> handshake_problem(std::string_view method, bool http_1_1, const HeaderLookup& header);

// How a handshake without a problem is answered.
struct Accepted {
  std::string response;  // the whole head
  int window_bits = 0;   // 8 to 15: the client inflates with a window of 2^window_bits bytes; 0: nothing is compressed, in either direction
};

// `subprotocol` is the chosen one, or empty. With `compression`, the first acceptable offer of permessage-deflate is accepted.
Accepted accept_handshake(const HeaderLookup& header, std::string_view subprotocol, bool compression);

}  // namespace hubbub::net

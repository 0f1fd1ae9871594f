// Reads the requests of one connection, one after the other, and has the shard's request handler answer each. If the answer is an
// upgrade, the connection becomes a WebSocket connection.
//
// A request that is not HTTP, too large or too slow is refused here and never reaches the handler. The session lives on its shard's
// thread and ends with its connection.
#pragma once

#include <cstdint>

#include "net/http/server.hpp"

namespace hubbub::net {

// Adds a session for an accepted connection, whose socket does not block, to those of `home`. Called on the shard's thread.
void start_http_session(HttpServer& home, Incoming incoming, std::uint64_t number);

}  // namespace hubbub::net

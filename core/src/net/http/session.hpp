// Reads the requests of one connection, one after the other, and answers each with what the shard's site says; if the site says so, the
// connection becomes a WebSocket connection.
//
// What is not HTTP, too large or too slow is answered here and never reaches the site (see session.cpp for what is
// checked). The session lives on its shard's thread and ends with its connection.
#pragma once

#include <cstdint>

#include "net/http/server.hpp"

namespace hubbub::net {

// Adds a session for an accepted connection, whose socket does not block, to those of `home`. Called on the shard's thread.
void start_http_session(HttpServer& home, Incoming incoming, std::uint64_t number);

}  // namespace hubbub::net

// One WebSocket connection: hands complete messages to its handler, takes frames through Sink, and enforces RFC 6455, sizes, deadlines
// and the bound for slow readers. It knows nothing of rooms.
//
// Lives on its shard's thread and ends with its socket. It is as small as possible, because a great many may be idle: it has no timer,
// no pending operation and no buffer, and a backlog only while the socket does not take everything at once.
#pragma once

#include <string>

#include "net/connection.hpp"
#include "net/stream.hpp"
#include "net/websocket/upgrade.hpp"

namespace hubbub::net {

// Sends `accepted`, the answer to a valid handshake, and adds the connection to those of its shard. `early` has the bytes that the client
// sent right behind its handshake. Called on the shard's thread.
void start_websocket_connection(Websockets& home, Stream stream, Identity identity, Accepted accepted,
                                std::string early, Upgrade upgrade);

}  // namespace hubbub::net

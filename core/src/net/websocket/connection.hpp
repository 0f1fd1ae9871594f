// One WebSocket connection: complete messages go to its handler, frames come in through Sink, and what the handler cannot
// judge is judged here: RFC 6455, sizes, deadlines, slow readers. It knows nothing of rooms.
//
// Lives on its shard's thread and ends with its connection. As small as it can be, because there may be a great many that
// are idle: no timer, no pending operation, no buffer. It has a backlog only while its socket does not take everything at once.
#pragma once

#include <string>

#include "net/connection.hpp"
#include "net/stream.hpp"
#include "net/websocket/upgrade.hpp"

namespace hubbub::net {

// Sends `accepted`, the answer to a handshake that has been judged, and adds the connection to those of its shard. `early` is what the
// client sent right behind its handshake. Called on the shard's thread.
void start_websocket_connection(Websockets& home, Stream stream, Identity identity, Accepted accepted,
                                std::string early, Upgrade upgrade);

}  // namespace hubbub::net

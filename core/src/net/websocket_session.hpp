// One WebSocket connection: complete messages go to its handler, frames come in through Sink, and what the handler cannot
// judge is judged here: RFC 6455, sizes, deadlines, slow readers. It knows nothing of rooms.
//
// Lives on its shard's thread and ends with its connection. Inside, Beast's stream reads, answers pings and compresses;
// the session writes, and closes.
#pragma once

#include "net/asio.hpp"  // first, as it says

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <string>

#include "net/connection.hpp"
#include "net/connections.hpp"
#include "net/http.hpp"

namespace hubbub::net {

// Answers the handshake `request`, which has been judged, and adds the session to `home`. `early` is what the client sent
// right behind it. Called on the shard's thread.
void start_websocket_session(Connections& home, Socket socket, Identity identity,
                             const boost::beast::http::request<boost::beast::http::string_body>& request,
                             std::string early, Upgrade upgrade);

}  // namespace hubbub::net

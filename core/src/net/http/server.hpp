// Serves the connections of one shard: each begins with HTTP, and may become a WebSocket.
//
// Made before its shard starts and destroyed after the shard has been joined; shard, handler and settings outlive it. Used on the shard's
// thread, except where a function says otherwise.
#pragma once

#include <vector>

#include "net/connections.hpp"
#include "net/http/request_handler.hpp"
#include "net/websocket/upgrade.hpp"

namespace hubbub::config {
struct Http;
struct Websocket;
}  // namespace hubbub::config

namespace hubbub::net {

class HttpServer {
 public:
  HttpServer(runtime::IoShard& shard, RequestHandler& handler, const config::Http& http, const config::Websocket& websocket);

  // Tells all shards' servers of each other, so that a connection can move (see Upgrade). Before their shards start.
  static void introduce(const std::vector<HttpServer*>& all);

  // For the listener, and for stopping the server. Any thread.
  Connections& connections() { return connections_; }

  // For the sessions.
  runtime::Loop& loop() { return connections_.loop(); }
  RequestHandler& handler() {
    HUBBUB_ASSERT_OWN_THREAD(connections_.shard());
    return handler_;
  }
  const config::Http& settings() const { return settings_; }
  Websockets& websockets() {
    HUBBUB_ASSERT_OWN_THREAD(connections_.shard());
    return websockets_;
  }

 private:
  RequestHandler& handler_;
  const config::Http& settings_;
  Websockets websockets_;
  Connections connections_;  // destroyed first, because its connections use the members above
};

}  // namespace hubbub::net

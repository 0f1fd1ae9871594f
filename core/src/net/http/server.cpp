#include "net/http/server.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <utility>

#include "config/config.hpp"
#include "net/http/session.hpp"

namespace hubbub::net {
namespace {

std::chrono::milliseconds shortest_deadline(const config::Http& http, const config::Websocket& websocket) {
  return std::min({http.timeout, websocket.ping_interval, websocket.pong_timeout, websocket.message_timeout, websocket.close_timeout});
}

}  // namespace

HttpServer::HttpServer(runtime::IoShard& shard, RequestHandler& handler, const config::Http& http, const config::Websocket& websocket)
    : handler_(handler),
      settings_(http),
      websockets_(shard, connections_, websocket),
      connections_(shard, [this](Incoming incoming, std::uint64_t number) { start_http_session(*this, std::move(incoming), number); },
                   shortest_deadline(http, websocket)) {}

void HttpServer::introduce(const std::vector<HttpServer*>& all) {
  std::vector<Websockets*> websockets;
  std::ranges::transform(all, std::back_inserter(websockets), [](HttpServer* server) { return &server->websockets_; });
  for (auto* each : websockets) each->introduce(websockets);
}

}  // namespace hubbub::net

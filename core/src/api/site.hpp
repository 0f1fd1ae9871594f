// What is found at which path: the static files, the rooms, and a sign of life. One per shard, used on its thread.
#pragma once

#include <optional>

#include "api/room_endpoint.hpp"
#include "api/router.hpp"
#include "api/static_files.hpp"
#include "net/http/request_handler.hpp"
#include "runtime/shard.hpp"

namespace hubbub::api {

class Site final : public net::RequestHandler {
 public:
  // Files are opened on the shard `outside`, which may wait for the disk: each connection has one request there at most. Without an
  // endpoint, /api/ws is 404.
  Site(const StaticFiles& files, runtime::Shard& outside, std::optional<RoomEndpoint> rooms);

  void answer(const net::Request& request, net::Reply reply) override;
  std::optional<std::size_t> most_body(const net::Request& head) override;
  std::optional<net::Response> refuse(const net::Request& head) override;

 private:
  Router router_;
};

}  // namespace hubbub::api

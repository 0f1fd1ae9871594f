// What the server has at which path: static files, rooms, and its health. One per shard, used on the shard's thread.
#pragma once

#include <optional>
#include <vector>

#include "api/room_endpoint.hpp"
#include "api/router.hpp"
#include "api/static_files.hpp"
#include "net/http/request_handler.hpp"
#include "runtime/own_thread.hpp"
#include "runtime/shard.hpp"

namespace hubbub::api {

class Site final : public net::RequestHandler {
 public:
  // Files are opened on the shard `outside`, which may wait for the disk; each open connection has at most one request there. Without `rooms`,
  // /api/ws is 404. `files` and `outside` outlive the site.
  Site(const StaticFiles& files, runtime::Shard& outside, std::optional<RoomEndpoint> rooms);

  // Has these routes too from now on, and no others that were given before. The site's own routes come first.
  void use(const std::vector<Route>& routes);

  void answer(const net::Request& request, net::Reply reply) override;
  std::optional<std::size_t> most_body(const net::Request& head) override;
  std::optional<net::Response> refuse(const net::Request& head) override;

 private:
  [[no_unique_address]] runtime::OwnThread thread_;
  const Router own_;
  Router router_;
};

}  // namespace hubbub::api

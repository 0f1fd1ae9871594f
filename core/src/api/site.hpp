// What is found at which path: the static files, the rooms, and a sign of life. One per shard, used on its thread.
#pragma once

#include <optional>

#include "api/room_endpoint.hpp"
#include "api/static_files.hpp"
#include "net/http/site.hpp"

namespace hubbub::api {

class Site final : public net::Site {
 public:
  // Without an endpoint, /api/ws is 404.
  Site(const StaticFiles& files, std::optional<RoomEndpoint> rooms) : files_(files), rooms_(std::move(rooms)) {}

  net::Answer answer(const net::Request& request) override;
  std::optional<net::Response> refuse(const net::Request& head) override;

 private:
  const StaticFiles& files_;
  std::optional<RoomEndpoint> rooms_;
};

}  // namespace hubbub::api

#include "api/room_endpoint.hpp"

#include <algorithm>
#include <functional>
#include <optional>

#include "api/join_parameters.hpp"
#include "api/responses.hpp"
#include "protocol/text.hpp"

namespace hubbub::api {
namespace {

constexpr std::string_view protocol = "hubbub.v1";
constexpr std::string_view key_prefix = "key.";
constexpr std::size_t small_room = 64;  // members; a room with fewer is written to more cheaply by one core than by several

// Returns the first entry of a comma-separated header for which `fits` returns true.
template <class Fits>
std::optional<std::string_view> entry_of(std::string_view header, Fits fits) {
  while (!header.empty()) {
    const auto comma = std::min(header.find(','), header.size());
    const auto entry = trim(header.substr(0, comma));
    if (fits(entry)) return entry;
    header.remove_prefix(std::min(comma + 1, header.size()));
  }
  return {};
}

}  // namespace

net::Answer RoomEndpoint::answer(const net::Request& request) const {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  auto parsed = parse_join(request.target);
  if (const auto* wrong = std::get_if<std::string>(&parsed)) return error_response(400, *wrong);
  if (!request.websocket) {
    auto response = error_response(426, "this is a WebSocket: connect with ws:// or wss://");
    response.headers.emplace_back("Upgrade", "websocket");
    return response;
  }

  auto& join = std::get<rooms::JoinRequest>(parsed);
  const auto home = world_.home_of(join.room);
  if (world_.place(home).rooms().hangs()) {
    auto response = error_response(503, "the room cannot be reached, because a plugin on its thread does not return; try again later");
    response.headers.emplace_back("Retry-After", "10");
    return response;
  }
  join.member.connection = request.connection;
  const auto offered = request.header("Sec-WebSocket-Protocol");
  join.welcome = entry_of(offered, [](auto name) { return name == protocol; }).has_value();
  // Unlike a key in the query, a key in a subprotocol is in no address, and so in nobody's logs.
  if (const auto key = entry_of(offered, [](auto name) { return name.starts_with(key_prefix); })) {
    join.key = read_client_key(key->substr(key_prefix.size()));
    if (!join.key) return error_response(400, wrong_key);
  }
  // The members of a small room live on the room's own shard, so that nothing crosses threads. The members of a large room stay where they
  // came in, so that every core writes.
  const bool small = world_.crowds->about(join.room) < small_room;
  join.place = small ? home : place_;
  return net::Upgrade{std::string{join.welcome ? protocol : ""},
                      [join, &world = world_](Sink& sink) { return std::make_unique<rooms::RoomConnection>(sink, join, world); },
                      join.place};
}

}  // namespace hubbub::api

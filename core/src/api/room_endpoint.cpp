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

// Whether a comma-separated header offers `name`.
bool offers(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const auto comma = std::min(header.find(','), header.size());
    if (trim(header.substr(0, comma)) == name) return true;
    header.remove_prefix(std::min(comma + 1, header.size()));
  }
  return false;
}

class RoomSession final : public net::SessionHandler {
 public:
  explicit RoomSession(std::unique_ptr<rooms::Participant> participant) : participant_(std::move(participant)) {}

  void on_message(std::string_view payload, Opcode opcode) override {
    if (opcode == Opcode::binary) return participant_->expel(CloseCode::unsupported, "send text frames with JSON");
    participant_->receive(payload);
  }

  void on_close() override { participant_.reset(); }

 private:
  std::unique_ptr<rooms::Participant> participant_;
};

}  // namespace

net::Answer RoomEndpoint::answer(const net::Request& request) const {
  auto parsed = parse_join(request.target);
  if (const auto* wrong = std::get_if<std::string>(&parsed)) return error_response(400, *wrong);
  if (!request.websocket) {
    auto response = error_response(426, "this is a WebSocket: connect with ws:// or wss://");
    response.headers.emplace_back("Upgrade", "websocket");
    return response;
  }

  auto& join = std::get<rooms::JoinRequest>(parsed);
  join.member.connection = request.connection;
  join.place = place_;
  join.welcome = offers(request.header("Sec-WebSocket-Protocol"), protocol);
  const auto home = homes_[std::hash<std::string>{}(join.room) % homes_.size()];
  return net::Upgrade{std::string{join.welcome ? protocol : ""}, [this, join, home](Sink& sink) {
                        return std::make_unique<RoomSession>(std::make_unique<rooms::Participant>(
                            sink, join, world_.places[place_], home, world_.registry, settings_));
                      }};
}

}  // namespace hubbub::api

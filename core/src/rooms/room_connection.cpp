#include "rooms/room_connection.hpp"

#include <algorithm>

#include "protocol/encode.hpp"
#include "rooms/admission.hpp"

namespace hubbub::rooms {

RoomConnection::RoomConnection(Sink& sink, JoinRequest request, World& world)
    : subscription_{request.member.connection, &sink},
      world_(world),
      place_(static_cast<std::uint16_t>(request.place)),
      home_(static_cast<std::uint16_t>(world.home_of(request.room))) {
  HUBBUB_ASSERT_OWN_THREAD(here().shard);
  here().subscriptions.add(subscription_);
  try {
    home().join(std::move(request));
  } catch (...) {  // the destructor is not called
    here().subscriptions.remove(subscription_);
    throw;
  }
}

RoomConnection::~RoomConnection() {
  HUBBUB_ASSERT_OWN_THREAD(here().shard);
  here().subscriptions.remove(subscription_);
  home().leave(subscription_.member_id);
}

void RoomConnection::on_message(std::string_view payload, Opcode opcode) {
  HUBBUB_ASSERT_OWN_THREAD(here().shard);
  if (expelled_ != 0) return;
  if (home_ != place_ && home().hangs()) {  // nothing must pile up there
    expelled_ = 1;
    return subscription_.sink->close(CloseCode::overloaded, "the room cannot be reached; try again later");
  }
  if (opcode == Opcode::binary) return expel(CloseCode::unsupported, "send text frames with JSON");
  receive(payload);
}

bool RoomConnection::on_last(CloseCode code) {
  HUBBUB_ASSERT_OWN_THREAD(here().shard);
  expel(code, {});
  return true;
}

void RoomConnection::receive(std::string_view text) {
  if (const auto wait = take(text.size()); wait.count() > 0) {
    if (++strikes_ >= world_.config.websocket.rate.strikes) return expel(CloseCode::kept_breaking_limits, "kept sending too fast");
    return refuse({ErrorCode::rate_limited, "too many messages; slow down", wait}, ref_of(text));
  }
  strikes_ = 0;
  auto parsed = parse_envelope(text, world_.config.websocket.max_depth);
  if (auto* bad = std::get_if<BadEnvelope>(&parsed)) return refuse(std::move(bad->refusal), std::move(bad->ref));

  auto& envelope = std::get<Envelope>(parsed);
  if (envelope.type == "ping") return pong(envelope.ref);
  const auto admitted = admission(here().hub.registry(), envelope);
  if (const auto* why_not = std::get_if<Refusal>(&admitted)) return refuse(*why_not, std::move(envelope.ref));
  home().receive(subscription_.member_id, std::get<const plugins::Route*>(admitted)->key, std::move(envelope));
}

// Counts a message of this size against the rate. Returns zero, or, if the message comes too fast and is not counted, how long to wait.
// Comes before the message is parsed, because nothing else that a client can cause costs this thread as much as parsing.
std::chrono::milliseconds RoomConnection::take(std::size_t bytes) {
  const auto& rate = world_.config.websocket.rate;
  const auto messages = static_cast<double>(rate.messages), size = static_cast<double>(rate.size);
  const auto now = here().shard.now();
  const auto wait = std::max(message_rate_.wait(messages, static_cast<double>(rate.burst), now),
                             size_rate_.wait(size, static_cast<double>(rate.burst_size), now));
  if (wait.count() > 0) return wait;
  message_rate_.count(1, messages, now);
  size_rate_.count(static_cast<double>(bytes), size, now);
  return wait;
}

// Answers at once, even if the room is waiting for something. Until the member is let in, though, the room answers, so that the pong comes
// behind the welcome.
void RoomConnection::pong(const std::string& ref) {
  const auto frame = encode_pong(ref);
  if (subscription_.audience) return subscription_.sink->send(frame);
  home().answer(subscription_.member_id, frame);
}

// Closes the connection after the answers that are on their way.
void RoomConnection::expel(CloseCode code, std::string reason) {
  expelled_ = 1;
  home().expel(subscription_.member_id, code, reason);
}

// The refusal goes by way of the room, so that it comes after the greeting and in order with other answers.
void RoomConnection::refuse(Refusal refusal, std::string ref) {
  home().answer(subscription_.member_id, refusal, ref);
}

RoomHome& RoomConnection::home() const { return world_.place(home_).rooms(); }

}  // namespace hubbub::rooms

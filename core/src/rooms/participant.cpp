#include "rooms/participant.hpp"

#include <functional>

namespace hubbub::rooms {

std::size_t home_of(const std::string& room, const World& world) {
  return std::hash<std::string>{}(room) % world.places.size();
}

Participant::Participant(Sink& sink, JoinRequest request, World& world)
    : seat_{request.member.connection, &sink},
      world_(world),
      place_(static_cast<std::uint16_t>(request.place)),
      home_(static_cast<std::uint16_t>(home_of(request.room, world))) {
  place().seats.take(seat_);
  at_home([request = std::move(request)](Hub& hub) { hub.join(request); });
}

Participant::~Participant() {
  place().seats.leave(seat_);
  at_home([id = seat_.member](Hub& hub) { hub.leave(id); });
}

void Participant::receive(std::string_view text) {
  if (expelled_ != 0) return;
  const auto& settings = world_.config.websocket;
  auto parsed = parse_envelope(text, settings.max_depth);
  auto* bad = std::get_if<BadEnvelope>(&parsed);
  const auto& rate = settings.rate;
  const auto wait = rate_.take(static_cast<double>(rate.messages), static_cast<double>(rate.burst), place().shard.now());
  if (wait.count() > 0) {
    if (++strikes_ >= rate.strikes) return expel(CloseCode::kept_breaking_limits, "kept sending too fast");
    auto& ref = bad ? bad->ref : std::get<Envelope>(parsed).ref;
    return refuse({ErrorCode::rate_limited, "too many messages; slow down", wait}, std::move(ref));
  }
  strikes_ = 0;
  if (bad) return refuse(std::move(bad->refusal), std::move(bad->ref));

  auto& envelope = std::get<Envelope>(parsed);
  const auto* route = place().hub.registry().find(envelope.type);
  if (!route) {
    return refuse({ErrorCode::unknown_type, "no plugin here handles the type " + json_text(envelope.type), {}},
                  std::move(envelope.ref));
  }
  if (route->type.is_from_server()) {
    return refuse({ErrorCode::forbidden, "only the server sends " + envelope.type, {}}, std::move(envelope.ref));
  }
  if (auto why = route->schema.check(envelope.content)) {
    return refuse({ErrorCode::invalid, std::move(*why), {}}, std::move(envelope.ref));
  }
  at_home([id = seat_.member, route, envelope = std::move(envelope)](Hub& hub) mutable { hub.receive(id, *route, std::move(envelope)); });
}

void Participant::expel(CloseCode code, std::string reason) {
  expelled_ = 1;
  at_home([id = seat_.member, code, reason = std::move(reason)](Hub& hub) { hub.expel(id, code, reason); });
}

// By way of the room, so that it comes after what the newcomer is greeted with, and in its place among other answers.
void Participant::refuse(Refusal refusal, std::string ref) {
  at_home([id = seat_.member, refusal = std::move(refusal), ref = std::move(ref)](Hub& hub) { hub.answer(id, refusal, ref); });
}

template <class Call>
void Participant::at_home(Call call) {
  auto& home = world_.places[home_].hub;
  home.shard().run([&home, call = std::move(call)]() mutable { call(home); });
}

}  // namespace hubbub::rooms

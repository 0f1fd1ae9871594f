#include "rooms/participant.hpp"

#include "protocol/encode.hpp"

namespace hubbub::rooms {

Participant::Participant(Sink& sink, JoinRequest request, Place place, Home home, const plugins::Registry& registry,
                         const config::Websocket& settings)
    : id_(request.member.connection),
      json_room_(json_text(request.room)),
      place_(place),
      home_(home),
      registry_(registry),
      settings_(settings),
      rate_(static_cast<double>(settings.rate.messages), static_cast<double>(settings.rate.burst), place.shard.now()) {
  place_.seats.take(id_, sink);
  home_.shard.run([&hub = home_.hub, request = std::move(request)] { hub.join(request); });
}

Participant::~Participant() {
  place_.seats.leave(id_);
  home_.shard.run([&hub = home_.hub, id = id_] { hub.leave(id); });
}

void Participant::receive(std::string_view text) {
  if (expelled_) return;
  auto parsed = parse_envelope(text, settings_.max_depth);
  auto* bad = std::get_if<BadEnvelope>(&parsed);
  if (const auto wait = rate_.take(place_.shard.now()); wait.count() > 0) {
    if (++strikes_ >= settings_.rate.strikes) return expel(CloseCode::kept_breaking_limits, "kept sending too fast");
    const auto& ref = bad ? bad->ref : std::get<Envelope>(parsed).ref;
    return refuse({ErrorCode::rate_limited, "too many messages; slow down", wait}, ref);
  }
  strikes_ = 0;
  if (bad) return refuse(bad->refusal, bad->ref);

  auto& envelope = std::get<Envelope>(parsed);
  const auto* route = registry_.find(envelope.type);
  if (!route) {
    return refuse({ErrorCode::unknown_type, "no plugin here handles the type " + json_text(envelope.type), {}}, envelope.ref);
  }
  if (route->type.is_from_server()) {
    return refuse({ErrorCode::forbidden, "only the server sends " + envelope.type, {}}, envelope.ref);
  }
  if (auto why = route->schema.check(envelope.content)) {
    return refuse({ErrorCode::invalid, std::move(*why), {}}, envelope.ref);
  }
  home_.shard.run([&hub = home_.hub, id = id_, route, taken = std::move(envelope)]() mutable {
    hub.receive(id, *route, std::move(taken));
  });
}

void Participant::expel(CloseCode code, std::string reason) {
  expelled_ = true;
  home_.shard.run([&hub = home_.hub, id = id_, code, reason = std::move(reason)] { hub.expel(id, code, reason); });
}

// By way of the room, so that it comes after what the newcomer is greeted with, and in its place among other answers.
void Participant::refuse(const Refusal& refusal, std::string_view ref) {
  home_.shard.run([&hub = home_.hub, id = id_, frame = encode_error(refusal, json_room_, ref)] { hub.answer(id, frame); });
}

}  // namespace hubbub::rooms

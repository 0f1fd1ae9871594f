#include "rooms/hub.hpp"

namespace hubbub::rooms {

void Hub::join(JoinRequest request) {
  auto& joined = room(request.room);
  const auto member = request.member.connection;
  if (joined.join(std::move(request))) where_[member] = &joined;
}

void Hub::receive(MemberId from, const plugins::Route& route, Envelope envelope) {
  if (const auto found = where_.find(from); found != where_.end()) {
    found->second->receive(from, route, std::move(envelope));
  }
}

void Hub::answer(MemberId to, const Refusal& refusal, const std::string& ref) {
  if (const auto found = where_.find(to); found != where_.end()) found->second->answer(to, refusal, ref);
}

void Hub::expel(MemberId member, CloseCode code, const std::string& reason) {
  if (const auto found = where_.find(member); found != where_.end()) found->second->expel(member, code, reason);
}

void Hub::leave(MemberId member) {
  const auto found = where_.find(member);
  if (found == where_.end()) return;
  auto* left = found->second;
  where_.erase(found);
  left->leave(member);
}

void Hub::close() {
  for (const auto& [name, room] : rooms_) room->close();
}

Room& Hub::room(const std::string& name) {
  auto& slot = rooms_[name];
  if (!slot) {
    slot = std::make_unique<Room>(name, shard_, world_, [this, name] {
      shard_.post([this, name] {  // not from within the room's own call; somebody may have come in between
        const auto found = rooms_.find(name);
        if (found != rooms_.end() && found->second->is_idle()) rooms_.erase(found);
      });
    });
  }
  return *slot;
}

}  // namespace hubbub::rooms

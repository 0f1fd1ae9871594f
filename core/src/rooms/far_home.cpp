#include "rooms/far_home.hpp"

#include <utility>

#include "rooms/hub.hpp"

namespace hubbub::rooms {

void FarHome::join(JoinRequest request) {
  hub_.shard().post([&hub = hub_, request = std::move(request)] { hub.join(request); });
}

void FarHome::receive(MemberId from, plugins::RouteKey route, Envelope&& envelope) {
  hub_.shard().post([&hub = hub_, from, route, envelope = std::move(envelope)]() mutable { hub.receive(from, route, std::move(envelope)); });
}

void FarHome::answer(MemberId to, const Refusal& refusal, const std::string& ref) {
  hub_.shard().post([&hub = hub_, to, refusal, ref] { hub.answer(to, refusal, ref); });
}

void FarHome::answer(MemberId to, const Frame& frame) {
  hub_.shard().post([&hub = hub_, to, frame] { hub.answer(to, frame); });
}

void FarHome::expel(MemberId member, CloseCode code, const std::string& reason) {
  hub_.shard().post([&hub = hub_, member, code, reason] { hub.expel(member, code, reason); });
}

void FarHome::leave(MemberId member) {
  hub_.shard().post([&hub = hub_, member] { hub.leave(member); });
}

void FarHome::say(const std::string& room, const std::shared_ptr<Sender>& guest, Envelope&& message, Tell tell) {
  hub_.shard().post([&hub = hub_, room, guest, message = std::move(message), tell = std::move(tell)]() mutable {
    hub.say(room, guest, std::move(message), std::move(tell));
  });
}

bool FarHome::hangs() const { return hub_.shard().hangs(); }

}  // namespace hubbub::rooms

#include "rooms/hub.hpp"

#include <hubbub/shown.hpp>
#include <spdlog/spdlog.h>

#include <exception>

namespace hubbub::rooms {

void Hub::join(JoinRequest request) {
  try {
    if (auto* its = room(request.room)) return its->join(request);
    turn_away(request, "too many rooms are open; try again later");
  } catch (const std::exception& error) {
    spdlog::error("room={} cannot be made, and who comes is sent away: {}", shown_name(request.room), escaped(error.what()));
    turn_away(request, "the room cannot be opened now; try again later");
  }
}

void Hub::turn_away(const JoinRequest& request, const char* why) {
  const auto& place = world_.places[request.place];
  place.shard.run([&seats = place.seats, member = request.member.connection, why] {
    if (const auto* seat = seats.find(member)) seat->sink->close(CloseCode::overloaded, why);
  });
}

void Hub::receive(MemberId from, plugins::RouteKey route, Envelope&& envelope) {
  if (auto* sender = residents_.find(from)) sender->room().receive(*sender, route, std::move(envelope));
}

void Hub::answer(MemberId to, const Refusal& refusal, const std::string& ref) {
  if (auto* resident = residents_.find(to)) resident->room().answer(*resident, refusal, ref);
}

void Hub::answer(MemberId to, const Frame& frame) {
  if (auto* resident = residents_.find(to)) resident->room().answer(*resident, frame);
}

void Hub::expel(MemberId member, CloseCode code, const std::string& reason) {
  if (auto* resident = residents_.find(member)) resident->room().expel(*resident, code, reason);
}

void Hub::leave(MemberId member) {
  if (auto* resident = residents_.find(member)) resident->room().leave(*resident);
}

void Hub::feed(MemberId member) {
  auto* resident = residents_.find(member);
  resident ? resident->room().feed(*resident) : feed_.done();
}

void Hub::use(std::shared_ptr<const plugins::Registry> registry) {
  registry_ = std::move(registry);
  for (const auto& [name, room] : rooms_) room->reload();
}

void Hub::close() {
  for (const auto& [name, room] : rooms_) room->close();
}

Room* Hub::room(const std::string& name) {
  if (const auto found = rooms_.find(name); found != rooms_.end()) return found->second.get();
  if (world_.open_rooms() >= world_.config.rooms.open && !close_an_empty_one()) return nullptr;
  auto made = std::make_unique<Room>(name, shard_, world_, registry_, residents_, feed_, [this, name] {
    shard_.post([this, name] {  // not from within the room's own call; somebody may have come in between
      const auto found = rooms_.find(name);
      if (found != rooms_.end() && found->second->is_idle()) rooms_.erase(found);
    });
  });
  return rooms_.emplace(name, std::move(made)).first->second.get();
}

// Those that are kept open for a while because somebody may come back make way. Only a few are looked at: if most rooms are
// empty, one of these is, too.
bool Hub::close_an_empty_one() {
  constexpr int most_looks = 64;
  int looks = 0;
  for (auto it = rooms_.begin(); it != rooms_.end() && looks < most_looks; ++it, ++looks) {
    if (!it->second->is_idle()) continue;
    it->second->close();
    if (!it->second->is_idle()) continue;
    rooms_.erase(it);
    return true;
  }
  return false;
}

}  // namespace hubbub::rooms

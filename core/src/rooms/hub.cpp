#include "rooms/hub.hpp"

#include <hubbub/shown.hpp>

#include <exception>
#include <utility>

#include "rooms/room.hpp"
#include "runtime/log.hpp"

namespace hubbub::rooms {

Hub::Hub(runtime::Shard& shard, World& world)
    : shard_(shard), world_(world), home_{shard, world, members_, feed_, *this, std::make_shared<Roster>(world.registry, shard, world)} {}

Hub::~Hub() = default;

void Hub::join(JoinRequest request) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  const char* why_not = nullptr;
  auto* found = room(request.room, why_not);
  found ? found->join(std::move(request)) : turn_away(request, why_not);
}

void Hub::say(const std::string& name, const std::shared_ptr<Sender>& guest, Envelope&& message, Tell tell) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  const char* why_not = nullptr;
  if (auto* found = room(name, why_not)) return found->say(guest, std::move(message), std::move(tell));
  tell({.refused = Refusal{ErrorCode::unavailable, why_not, {}}});
}

void Hub::turn_away(const JoinRequest& request, const char* why) {
  world_.place(request.place).audience()->close(request.member.connection, CloseCode::overloaded, why);
}

void Hub::receive(MemberId from, plugins::RouteKey route, Envelope&& envelope) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  if (auto* sender = members_.find(from)) sender->room().receive(*sender, route, std::move(envelope));
}

void Hub::answer(MemberId to, const Refusal& refusal, const std::string& ref) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  if (auto* member = members_.find(to)) member->room().answer(*member, refusal, ref);
}

void Hub::answer(MemberId to, const Frame& frame) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  if (auto* member = members_.find(to)) member->room().answer(*member, frame);
}

void Hub::expel(MemberId id, CloseCode code, const std::string& reason) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  if (auto* member = members_.find(id)) member->room().expel(*member, code, reason);
}

void Hub::leave(MemberId id) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  if (auto* member = members_.find(id)) member->room().leave(*member);
}

void Hub::feed(MemberId id) {
  auto* member = members_.find(id);
  member ? member->room().feed(*member) : feed_.done();
}

void Hub::use(std::shared_ptr<const plugins::Registry> registry) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  home_.roster = std::make_shared<Roster>(std::move(registry), shard_, world_);
  for (const auto& [name, kept] : rooms_) kept.room->reload();
}

void Hub::close() {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  for (const auto& [name, kept] : rooms_) kept.room->close();
}

Room* Hub::room(const std::string& name, const char*& why_not) {
  if (const auto found = rooms_.find(name); found != rooms_.end()) return found->second.room.get();
  try {
    if (world_.open_rooms() < world_.config.rooms.open || make_way()) {
      return rooms_.emplace(name, Kept{std::make_unique<Room>(name, home_)}).first->second.room.get();
    }
    why_not = "too many rooms are open; try again later";
  } catch (const std::exception& error) {
    log::error("room={} cannot be made, newcomers are refused: {}", shown_name(name), escaped(error.what()));
    why_not = "the room cannot be opened now; try again later";
  }
  return nullptr;
}

void Hub::on_lived_in(Room& room) {
  const auto found = rooms_.find(room.name());
  if (found == rooms_.end() || !found->second.empty) return;
  empty_.erase(*std::exchange(found->second.empty, std::nullopt));
  world_.figures_of(shard_).empty.subtract(1);
}

void Hub::on_empty(Room& room) {
  auto& kept = rooms_.at(room.name());
  if (kept.empty) return;
  kept.empty = empty_.insert(empty_.end(), &room);
  world_.figures_of(shard_).empty.add(1);
}

void Hub::on_idle(Room& room) {
  shard_.post([this, name = room.name()] {  // the room is the caller: it must not be destroyed yet; somebody may join before this runs
    const auto found = rooms_.find(name);
    if (found != rooms_.end() && found->second.room->is_idle()) forget(name);
  });
}

void Hub::forget(const std::string& name) {
  const auto found = rooms_.find(name);
  on_lived_in(*found->second.room);  // removes it from `empty_`
  rooms_.erase(found);
}

// Closes an empty room of this shard, or asks another shard to close one of its own. Returns false if there is none. The other shard
// closes its room a moment later; so for that moment there may be one room too many for each shard.
bool Hub::make_way() {
  if (close_an_empty_room()) return true;
  if (world_.open_rooms() >= world_.config.rooms.open + world_.shards.size()) return false;
  for (const auto& place : world_.shards) {
    auto& theirs = *place.figures;
    if (&place.hub == this) continue;
    if (theirs.to_close.fetch_add(1) < theirs.empty.value()) {
      place.shard.post([&hub = place.hub, &theirs] {
        theirs.to_close.fetch_sub(1);
        hub.close_an_empty_room();
      });
      return true;
    }
    theirs.to_close.fetch_sub(1);
  }
  return false;
}

// Few empty rooms are still at work, so it is enough to look at some.
bool Hub::close_an_empty_room() {
  constexpr int most_looks = 64;
  int looks = 0;
  for (auto it = empty_.begin(); it != empty_.end() && looks < most_looks; ++it, ++looks) {
    auto& room = **it;
    if (!room.is_idle()) continue;
    room.close();
    if (!room.is_idle()) continue;
    forget(room.name());
    return true;
  }
  return false;
}

}  // namespace hubbub::rooms

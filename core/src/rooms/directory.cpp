#include "rooms/directory.hpp"

#include <algorithm>
#include <tuple>
#include <vector>

#include "rooms/presence.hpp"

namespace hubbub::rooms {

void Directory::add(const Presence& presence, const std::string& room) {
  const std::lock_guard lock{mutex_};
  rooms_.emplace(&presence, &room);
}

void Directory::remove(const Presence& presence) {
  const std::lock_guard lock{mutex_};
  rooms_.erase(&presence);
}

ServerRooms Directory::fullest(std::size_t most, std::size_t people) const {
  struct Candidate {
    const Presence* presence;
    const std::string* room;
    std::size_t members;
  };
  const std::lock_guard lock{mutex_};
  std::vector<Candidate> candidates;
  for (const auto& [presence, room] : rooms_) {
    if (const auto members = presence->size(); members != 0) candidates.push_back({presence, room, members});
  }
  const auto shown = std::min(most, candidates.size());
  const auto end = candidates.begin() + static_cast<std::ptrdiff_t>(shown);
  std::ranges::partial_sort(candidates, end, [](const auto& a, const auto& b) {
    return std::tie(b.members, *a.room) < std::tie(a.members, *b.room);
  });
  ServerRooms rooms;
  rooms.more = candidates.size() - shown;
  for (auto it = candidates.begin(); it != end; ++it) {
    rooms.fullest.push_back({*it->room, it->members, it->presence->first(std::min(people, it->members))});
  }
  return rooms;
}

}  // namespace hubbub::rooms

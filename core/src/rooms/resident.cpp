#include "rooms/resident.hpp"

#include <algorithm>
#include <new>

#include "protocol/encode.hpp"

namespace hubbub::rooms {

Resident::Resident(Room& its_room, const Member& who, std::size_t its_place)
    : member(who.connection),
      place(static_cast<std::uint16_t>(its_place)),
      id_size_(static_cast<std::uint8_t>(who.id.size())),
      nickname_size_(static_cast<std::uint16_t>(who.nickname.size())),
      room_(&its_room) {}

Resident::~Resident() {
  if (speaks_) delete voice_;
}

std::unique_ptr<Resident> Resident::make(Room& room, const Member& who, std::size_t place) {
  void* memory = ::operator new(sizeof(Resident) + who.nickname.size() + who.id.size());
  std::unique_ptr<Resident> made{::new (memory) Resident{room, who, place}};
  auto* text = static_cast<char*>(memory) + sizeof(Resident);
  std::ranges::copy(who.id, std::ranges::copy(who.nickname, text).out);
  return made;
}

Member Resident::who() const { return {std::string{id()}, std::string{nickname()}, member}; }

Resident::Voice& Resident::voice() {
  if (!speaks_) {
    voice_ = new Voice{*room_, who(), sender_fields(nickname(), id())};
    speaks_ = true;
  }
  return *voice_;
}

Residents::~Residents() {
  for (auto* resident : all_) delete resident;
}

std::unique_ptr<Resident> Residents::remove(Resident& resident) {
  all_.remove(resident);
  return std::unique_ptr<Resident>{&resident};
}

}  // namespace hubbub::rooms

#include "rooms/resident.hpp"

#include <cstring>

#include "protocol/encode.hpp"

namespace hubbub::rooms {

Resident::Resident(Room& its_room, const Member& who, std::size_t its_place, bool brought_key)
    : member(who.connection),
      place(static_cast<std::uint16_t>(its_place)),
      brought_key_(brought_key),
      id_size_(static_cast<std::uint8_t>(who.id.size())),
      nickname_size_(static_cast<std::uint16_t>(who.nickname.size())),
      room_(&its_room) {}

Resident::~Resident() {
  if (speaks_) delete voice_;
}

std::unique_ptr<Resident> Resident::of(Room& room, const Member& who, std::size_t place, std::uint64_t client) {
  const std::string_view number{reinterpret_cast<const char*>(&client), client != 0 ? sizeof client : 0};
  return make({who.nickname, who.id, number}, room, who, place, client != 0);
}

std::uint64_t Resident::brought_client() const {
  std::uint64_t client = 0;
  if (brought_key_) std::memcpy(&client, tail() + nickname_size_ + id_size_, sizeof client);
  return client;
}

Member Resident::who() const { return {std::string{id()}, std::string{nickname()}, member}; }

Sender& Resident::sender() {
  if (!speaks_) {
    const auto client = brought_client();
    voice_ = new Voice{*room_, {.who = who(),
                                .fields = sender_fields(nickname(), id()),
                                .client = client,
                                .past = client != 0 ? Sender::Past::unread : Sender::Past::nothing,
                                .resident = this}};
    speaks_ = true;
  }
  return voice_->sender;
}

Residents::~Residents() {
  for (auto* resident : all_) delete resident;
}

std::unique_ptr<Resident> Residents::remove(Resident& resident) {
  all_.remove(resident);
  return std::unique_ptr<Resident>{&resident};
}

}  // namespace hubbub::rooms

#include "rooms/room_member.hpp"

#include <cstring>

#include "protocol/encode.hpp"

namespace hubbub::rooms {

RoomMember::RoomMember(Room& its_room, const Member& who, std::size_t its_place, bool brought_key)
    : member_id(who.connection),
      place(static_cast<std::uint16_t>(its_place)),
      brought_key_(brought_key),
      id_size_(static_cast<std::uint8_t>(who.id.size())),
      nickname_size_(static_cast<std::uint16_t>(who.nickname.size())),
      room_(&its_room) {}

RoomMember::~RoomMember() {
  if (speaks_) delete sender_;
}

std::unique_ptr<RoomMember> RoomMember::of(Room& room, const Member& who, std::size_t place, std::uint64_t client) {
  const std::string_view number{reinterpret_cast<const char*>(&client), client != 0 ? sizeof client : 0};
  return make({who.nickname, who.id, number}, room, who, place, client != 0);
}

std::uint64_t RoomMember::brought_client() const {
  std::uint64_t client = 0;
  if (brought_key_) std::memcpy(&client, tail() + nickname_size_ + id_size_, sizeof client);
  return client;
}

Member RoomMember::who() const { return {std::string{id()}, std::string{nickname()}, member_id}; }

Sender& RoomMember::sender() {
  if (!speaks_) {
    const auto client = brought_client();
    sender_ = new Sender{.who = who(),
                         .fields = sender_fields(nickname(), id()),
                         .client = client,
                         .past = client != 0 ? Sender::Past::unread : Sender::Past::nothing,
                         .room = room_,
                         .member = this};
    speaks_ = true;
  }
  return *sender_;
}

RoomMembers::~RoomMembers() {
  for (auto* member : all_) delete member;
}

std::unique_ptr<RoomMember> RoomMembers::remove(RoomMember& member) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  all_.remove(member);
  return std::unique_ptr<RoomMember>{&member};
}

}  // namespace hubbub::rooms

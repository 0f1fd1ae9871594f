// A member of a room, let in or still on its way in, as the room's home shard knows it. There may be a great many members, and most of
// them say nothing. So the object is small, and its Sender is made when the member first says something.
//
// Lives on the room's thread.
#pragma once

#include <hubbub/plugin.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "protocol/tail.hpp"
#include "rooms/by_member.hpp"
#include "rooms/sender.hpp"
#include "runtime/own_thread.hpp"

namespace hubbub::rooms {

class Room;

class RoomMember final : public WithTail<RoomMember> {
 public:
  // `who` has an id of at most 64 bytes and a nickname of at most 256. `client` is the number of a client that brought its key, or 0.
  static std::unique_ptr<RoomMember> of(Room& room, const Member& who, std::size_t place, std::uint64_t client);
  RoomMember(const RoomMember&) = delete;
  RoomMember& operator=(const RoomMember&) = delete;
  ~RoomMember();

  std::string_view nickname() const { return {tail(), nickname_size_}; }
  std::string_view id() const { return {tail() + nickname_size_, id_size_}; }
  Member who() const;

  Room& room() const { return speaks_ ? *sender_->room : *room_; }

  // Made by the first call.
  Sender& sender();

  // Whether something that the member has said waits to be heard, and whether something is being read for it (see Sender).
  bool is_waiting() const { return speaks_ && !sender_->said.empty(); }
  bool awaits_log() const { return speaks_ && sender_->awaits_log; }

  // To be called when all that waited has been heard.
  void was_heard() {
    if (speaks_ && sender_->past == Sender::Past::unreadable) sender_->past = Sender::Past::unread;
  }

  const MemberId member_id;
  const std::uint16_t place;    // where its connection lives: see World::place
  bool admitted : 1 = false;    // it has been greeted, and gets what is broadcast
  bool present : 1 = false;     // everybody has been told that it is here
  bool left : 1 = false;        // its connection has ended; it is removed when all that it has said has been heard
  bool may_return : 1 = false;  // its connection ended in a way after which clients are often back in a moment

 private:
  friend class WithTail<RoomMember>;
  RoomMember(Room& its_room, const Member& who, std::size_t its_place, bool brought_key);

  // The tail is the nickname, the id, and, if the client brought its key, the client's number.
  std::uint64_t brought_client() const;  // 0 if the client brought no key

  bool speaks_ : 1 = false;
  const bool brought_key_ : 1;
  const std::uint8_t id_size_;
  const std::uint16_t nickname_size_;
  union {
    Room* room_;      // until it first says something
    Sender* sender_;  // from then on; owned
  };
};

static_assert(sizeof(RoomMember) <= 24);

// All members of the rooms whose home is one shard. Used on that shard's thread alone.
class RoomMembers {
 public:
  RoomMembers() = default;
  RoomMembers(const RoomMembers&) = delete;
  RoomMembers& operator=(const RoomMembers&) = delete;
  ~RoomMembers();

  // Null if there is none.
  RoomMember* find(MemberId id) const {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    return all_.find(id);
  }

  void add(std::unique_ptr<RoomMember> member) {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    all_.add(*member.release());
  }
  std::unique_ptr<RoomMember> remove(RoomMember& member);

 private:
  [[no_unique_address]] runtime::OwnThread thread_;
  ByMember<RoomMember> all_;  // owned
};

}  // namespace hubbub::rooms

// A member of a room or somebody on the way into one, as the room's home shard knows it. There may be a great many, most of
// whom say nothing: so this is small, and what only a speaker needs comes with the first message.
#pragma once

#include <hubbub/plugin.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "protocol/tail.hpp"
#include "rooms/by_member.hpp"
#include "rooms/sender.hpp"

namespace hubbub::rooms {

class Room;

class Resident final : public WithTail<Resident> {
 public:
  // `who` has an id of at most 64 bytes and a nickname of at most 256. `client` is the number of one that brought its key, or 0.
  static std::unique_ptr<Resident> of(Room& room, const Member& who, std::size_t place, std::uint64_t client);
  Resident(const Resident&) = delete;
  Resident& operator=(const Resident&) = delete;
  ~Resident();

  std::string_view nickname() const { return {tail(), nickname_size_}; }
  std::string_view id() const { return {tail() + nickname_size_, id_size_}; }
  Member who() const;

  Room& room() const { return speaks_ ? voice_->room : *room_; }

  // What only a speaker needs; made with the first call.
  Sender& sender();
  bool is_waiting() const { return speaks_ && !voice_->sender.said.empty(); }
  bool is_being_recalled() const { return speaks_ && voice_->sender.past == Sender::Past::being_read; }

  const MemberId member;
  const std::uint16_t place;  // where its connection lives
  bool admitted : 1 = false;  // it has been greeted, and gets what is broadcast
  bool present : 1 = false;   // everybody has been told that it is here
  bool left : 1 = false;      // it goes when what it has said has been heard
  bool may_return : 1 = false;  // it went in a way in which people go who are back in a moment

 private:
  struct Voice {
    Room& room;
    Sender sender;
  };

  friend class WithTail<Resident>;
  Resident(Room& its_room, const Member& who, std::size_t its_place, bool brought_key);

  // Its tail: the nickname, the id, and the client's number if it brought its key.
  std::uint64_t brought_client() const;

  bool speaks_ : 1 = false;
  const bool brought_key_ : 1;
  const std::uint8_t id_size_;
  const std::uint16_t nickname_size_;
  union {
    Room* room_;    // while it has not spoken
    Voice* voice_;  // from then on, and its own
  };
};

static_assert(sizeof(Resident) <= 24);

// All residents of the rooms whose home is one shard. Used on its thread alone.
class Residents {
 public:
  Residents() = default;
  Residents(const Residents&) = delete;
  Residents& operator=(const Residents&) = delete;
  ~Residents();

  // Null where there is none.
  Resident* find(MemberId member) const { return all_.find(member); }

  void add(std::unique_ptr<Resident> resident) { all_.add(*resident.release()); }
  std::unique_ptr<Resident> remove(Resident& resident);

 private:
  ByMember<Resident> all_;  // owned
};

}  // namespace hubbub::rooms

// A member of a room or somebody on the way into one, as the room's home shard knows it. There may be a great many, most of
// whom say nothing: so this is small, and what only a speaker needs comes with the first message.
#pragma once

#include <hubbub/plugin.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "rooms/by_member.hpp"

namespace hubbub::rooms {

class Room;

class Resident {
 public:
  // What only a speaker needs.
  struct Voice {
    Room& room;
    Member who;
    std::string fields;         // who it is, as in every message of its
    std::uint32_t waiting = 0;  // what it has said and is not looked at yet
  };

  // `who` has an id of at most 64 bytes and a nickname of at most 256.
  static std::unique_ptr<Resident> make(Room& room, const Member& who, std::size_t place);
  Resident(const Resident&) = delete;
  Resident& operator=(const Resident&) = delete;
  ~Resident();
  static void operator delete(void* memory) { ::operator delete(memory); }

  std::string_view nickname() const { return {text(), nickname_size_}; }
  std::string_view id() const { return {text() + nickname_size_, id_size_}; }
  Member who() const;

  Room& room() const { return speaks_ ? voice_->room : *room_; }

  Voice& voice();  // made with the first call
  bool is_waiting() const { return speaks_ && voice_->waiting != 0; }

  const MemberId member;
  const std::uint16_t place;  // where its connection lives
  bool admitted : 1 = false;  // it has been greeted, and gets what is broadcast
  bool left : 1 = false;      // it goes when what is waiting has been looked at

 private:
  Resident(Room& its_room, const Member& who, std::size_t its_place);

  const char* text() const { return reinterpret_cast<const char*>(this + 1); }  // the nickname and the id, right behind it

  bool speaks_ : 1 = false;
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

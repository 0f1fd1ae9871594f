// A member of a room or somebody on the way into one, as the room's home shard knows it. There may be a great many, most of
// whom say nothing: so this is small, and what only a speaker needs comes with the first message.
#pragma once

#include <hubbub/plugin.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "rooms/by_member.hpp"

namespace hubbub::rooms {

class Room;
class Resident;

// Something that a resident has said, or that it is to be told in its place among that, and that waits to be heard: until the room
// is open, the resident is in it, and what the same client said before is known.
struct Said {
  using Hear = std::function<void(Resident& by, bool heard)>;  // `heard` is false if it cannot be: the room cannot be opened now

  Hear hear;
  std::size_t weight;  // about the memory that it takes, in bytes
  bool at_door;        // the resident was on the way into an open room
};

class Resident {
 public:
  // What only a speaker needs.
  struct Voice {
    // What it said before it came: with a ref, it may say that again.
    enum class Past : std::uint8_t { nothing, unread, being_read, read, unreadable };

    Room& room;
    Member who;
    std::string fields;         // who it is, as in every message of its
    std::uint64_t client;       // its number; 0 until it is needed, if it brought no key
    Past past;
    bool is_listed = false;         // the room has noted that it has something to say
    std::list<Said> said = {};      // that waits to be heard, the oldest first
    std::size_t weight_at_door = 0; // of what is `at_door` of that
  };

  // `who` has an id of at most 64 bytes and a nickname of at most 256. `client` is the number of one that brought its key, or 0.
  static std::unique_ptr<Resident> make(Room& room, const Member& who, std::size_t place, std::uint64_t client);
  Resident(const Resident&) = delete;
  Resident& operator=(const Resident&) = delete;
  ~Resident();
  static void operator delete(void* memory) { ::operator delete(memory); }

  std::string_view nickname() const { return {text(), nickname_size_}; }
  std::string_view id() const { return {text() + nickname_size_, id_size_}; }
  Member who() const;

  Room& room() const { return speaks_ ? voice_->room : *room_; }

  Voice& voice();  // made with the first call
  bool is_waiting() const { return speaks_ && !voice_->said.empty(); }
  bool is_being_recalled() const { return speaks_ && voice_->past == Voice::Past::being_read; }

  const MemberId member;
  const std::uint16_t place;  // where its connection lives
  bool admitted : 1 = false;  // it has been greeted, and gets what is broadcast
  bool present : 1 = false;   // everybody has been told that it is here
  bool left : 1 = false;      // it goes when what it has said has been heard
  bool may_return : 1 = false;  // it went in a way in which people go who are back in a moment

 private:
  Resident(Room& its_room, const Member& who, std::size_t its_place, bool brought_key);

  // The nickname and the id, right behind it, and then the client's number if it brought its key.
  const char* text() const { return reinterpret_cast<const char*>(this + 1); }
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

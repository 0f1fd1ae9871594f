// Whoever says something in a room, as the room knows it: a member, from its first message on, or a guest, who is not in the room (see
// Guest). Plugins say things, too, in the room's own name.
//
// Lives on the room's thread.
#pragma once

#include <hubbub/plugin.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>

#include "rooms/by_member.hpp"

namespace hubbub::rooms {

class Room;
class RoomMember;
struct Sender;

// Something that was said, or that its sender is to be told in its place among that, and that waits to be heard: until the room is
// open, the sender is in it if it is to be a member, and what the same client said before is known.
struct Said {
  using Hear = std::function<void(Sender& by, bool heard)>;  // `heard` is false if it cannot be: the room cannot be opened now

  Hear hear;
  std::size_t weight;  // about the memory that it takes, in bytes
  bool at_door;        // the sender was on the way into an open room
};

struct Sender {
  // What it said before it came: with a ref, it may say that again.
  enum class Past : std::uint8_t { nothing, unread, being_read, read, unreadable };

  Member who;            // `connection` is the number by which it is known
  std::string fields;    // who it is, as in every message of its
  std::uint64_t client;  // its number; 0 until it is needed, if it brought no key
  Past past;
  Room* room = nullptr;           // null for a guest
  RoomMember* member = nullptr;   // null for a guest
  bool is_listed = false;         // the room has noted that it has something to say
  std::list<Said> said = {};      // that waits to be heard, the oldest first
  std::size_t weight_at_door = 0; // of what is `at_door` of that
};

// Finds a sender again, if it has not gone: a member by its number. A guest is kept.
struct SenderRef {
  MemberId member_id = 0;                   // 0: nobody
  std::shared_ptr<Sender> guest = nullptr;  // null for a member
};

}  // namespace hubbub::rooms

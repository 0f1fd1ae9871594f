// The sender of messages in a room, as the room knows it: a member, from its first message on, or a guest, who is not in the room (see
// Guest). A message that a plugin posts has no sender: it comes from the room itself.
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

// A message that waits to be heard, or an answer that must come in order with such messages. It waits until the room is open, its
// sender has been let in (unless that is a guest), and the earlier messages of the same client are known.
struct Said {
  using Hear = std::function<void(Sender& by, bool heard)>;  // `heard` is false if the room cannot be opened now

  Hear hear;
  std::size_t weight;  // about the memory that it takes, in bytes
  bool at_door;        // the room was open, and the sender on the way in
};

struct Sender {
  // Whether the client's messages from before this connection have been read from the log: the client may send them again.
  enum class Past : std::uint8_t { nothing, unread, being_read, read, unreadable };

  Member who;            // `connection` is the MemberId
  std::string fields;    // see sender_fields()
  std::uint64_t client;  // see client_number(); if the client brought no key, 0 until it is needed
  Past past;
  Room* room = nullptr;           // null for a guest
  RoomMember* member = nullptr;   // null for a guest
  bool is_listed = false;         // it is in the room's list of senders that wait to be heard
  std::list<Said> said = {};      // what waits to be heard; the oldest is at the front
  std::size_t weight_at_door = 0; // of the entries of `said` that are `at_door`
};

// Refers to a sender: to a member by its id, so that the member may go meanwhile; a guest is kept alive.
struct SenderRef {
  MemberId member_id = 0;                   // 0: nobody
  std::shared_ptr<Sender> guest = nullptr;  // null for a member
};

}  // namespace hubbub::rooms

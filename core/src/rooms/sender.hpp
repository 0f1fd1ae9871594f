// The sender of messages in a room, as the room knows it: a member, from its first message on, a guest, who is not in the room (see
// Guest), or the room's plugins, which post messages of their own.
//
// A message that has to wait before it is decided on waits here, whatever it waits for.
//
// Lives on the room's thread.
#pragma once

#include <hubbub/plugin.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plugins/registry.hpp"
#include "protocol/envelope.hpp"
#include "rooms/by_member.hpp"

namespace hubbub::rooms {

class Room;
class RoomMember;
struct Sender;

// A message that waits to be heard, or an answer that must come in order with such messages. It waits until the room is open, its
// sender has been let in (if that is a member), and what the log has of the sender is read. A message of a plugin waits until the
// current call on the room has ended and the room is open.
struct Said {
  using Hear = std::function<void(Sender& by, bool heard)>;  // `heard` is false if the message cannot be heard, and so is refused

  Hear hear;
  std::size_t weight;  // about the memory that it takes, in bytes
  bool counts;         // among what waits in the room; not if its sender is at the door, or is the plugins
};

// When a sender may send another message of one type, see Pacer.
struct Pace {
  using Time = std::chrono::steady_clock::time_point;

  plugins::RouteKey route;
  Time::duration between;              // two messages, at least
  Time free;                           // when the next message may go
  std::optional<Envelope> held = {};   // the newest message, if it came too fast: it waits for its turn
};

struct Sender {
  // Whether the client's messages from before this connection have been read from the log: the client may send them again. `unreadable`
  // concerns what waited for that; afterwards it is asked for again.
  enum class Past : std::uint8_t { nothing, unread, read, unreadable };

  Member who;            // `connection` is the MemberId; 0 for the room's plugins
  std::string fields;    // see sender_fields()
  std::uint64_t client;  // see client_number(); if the client brought no key, 0 until it is needed
  Past past = Past::nothing;
  bool awaits_log = false;        // something is being read from the log: the next message depends on it
  bool is_listed = false;         // it is in the room's list of senders that wait to be heard
  Room* room = nullptr;           // null unless it is a member
  RoomMember* member = nullptr;   // likewise
  std::list<Said> said = {};      // what waits to be heard; the oldest is at the front
  std::size_t weight_at_door = 0; // of what was said at the door
  std::vector<Pace> paces = {};   // of types that have a rate
};

// Refers to a member or guest: to a member by its id, so that the member may go meanwhile; a guest is kept alive.
struct SenderRef {
  MemberId member_id = 0;                   // 0: nobody
  std::shared_ptr<Sender> guest = nullptr;  // null for a member
};

}  // namespace hubbub::rooms

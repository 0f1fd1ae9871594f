// What a connection asks for when it wants to join a room. A plain value.
#pragma once

#include <hubbub/plugin.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "protocol/repetition.hpp"

namespace hubbub::rooms {

// A place in a room's log.
struct Position {
  std::string epoch;
  std::uint64_t seq;
};

struct JoinRequest {
  std::string room;
  Member member;          // `connection` is the MemberId
  std::size_t place = 0;  // where the connection lives: see World::place
  bool welcome = false;   // whether it speaks hubbub.v1
  using Position = rooms::Position;
  std::optional<Position> since;  // resume after this position
  std::optional<ClientKey> key;   // the key that an earlier connection of the client was told
};

}  // namespace hubbub::rooms

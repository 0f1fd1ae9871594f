// Somebody who wants to come into a room, as its connection asks for it.
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
  std::size_t place = 0;  // where the connection lives
  bool welcome = false;   // whether it speaks hubbub.v1
  using Position = rooms::Position;
  std::optional<Position> since;  // resume after this position
  std::optional<ClientKey> key;   // that an earlier connection of the client was told
};

}  // namespace hubbub::rooms

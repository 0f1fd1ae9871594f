// Whoever is to be told what became of a message.
#pragma once

#include <string>

#include "rooms/by_member.hpp"

namespace hubbub::rooms {

struct Asker {
  MemberId member = 0;  // 0: nobody
  std::string ref = {};  // of the message, as JSON text; empty if it has none
};

}  // namespace hubbub::rooms

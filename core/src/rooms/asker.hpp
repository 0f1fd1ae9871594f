// Who is to be told the outcome of a message.
#pragma once

#include <memory>
#include <string>

#include "rooms/outcome.hpp"
#include "rooms/sender.hpp"

namespace hubbub::rooms {

struct Asker {
  SenderRef by = {};
  std::string ref = {};  // of the message, as JSON text; empty if it has none
  std::shared_ptr<const Tell> tell = nullptr;  // called once, for a guest or a plugin; null for a member, who is told by frames
};

}  // namespace hubbub::rooms

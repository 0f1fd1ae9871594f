// Whoever is to be told what became of a message.
#pragma once

#include <memory>
#include <string>

#include "rooms/outcome.hpp"
#include "rooms/sender.hpp"

namespace hubbub::rooms {

struct Asker {
  SenderRef by = {};
  std::string ref = {};  // of the message, as JSON text; empty if it has none
  std::shared_ptr<const Tell> tell = nullptr;  // null for a member, which is told by frames; else called once
};

}  // namespace hubbub::rooms

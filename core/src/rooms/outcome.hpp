// What became of a message that somebody said in a room.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "protocol/error.hpp"
#include "protocol/frame.hpp"

namespace hubbub::rooms {

struct Outcome {
  std::optional<Refusal> refused = {};  // why nothing became of it
  std::uint64_t seq = 0;                // the message's position in the log; 0 if it is not logged, or was refused
  std::optional<Frame> answer = {};     // of the plugin, to the sender alone
};

using Tell = std::function<void(Outcome)>;

}  // namespace hubbub::rooms

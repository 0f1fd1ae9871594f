// The outcome of a message to a room: refused, logged, answered or sent on.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "protocol/error.hpp"
#include "protocol/frame.hpp"

namespace hubbub::rooms {

struct Outcome {
  std::optional<Refusal> refused = {};  // why the message was refused
  std::uint64_t seq = 0;                // the message's position in the log; 0 if it is not logged, or was refused
  std::optional<Frame> answer = {};     // the plugin's, for the sender alone
};

using Tell = std::function<void(Outcome)>;

}  // namespace hubbub::rooms

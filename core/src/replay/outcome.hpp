// The result of replaying a recorded room with one build of a plugin.
#pragma once

#include <cstddef>

#include "plugins/registry.hpp"
#include "store/recording.hpp"

namespace hubbub::replay {

enum class Way {
  opened,  // as a server opens the room: from its snapshot, if the plugin can use it, and the messages after it
  whole,   // every message, from the first
};

struct Outcome {
  Json state;                     // as snapshot() returns it
  Json greeting = Json::array();  // the messages that a newcomer gets, at the time of the last message in the log
  Json failures = Json::array();  // texts: the failed calls, and why
};

// Replays the plugin's messages. `whole` needs a log that begins with 1; `opened` needs one that begins with 1 or reaches back to
// its snapshot. Throws std::runtime_error if the plugin's constructor throws.
Outcome play(const plugins::LoadedPlugin& plugin, const store::RecordedRoom& room, Way way);

}  // namespace hubbub::replay

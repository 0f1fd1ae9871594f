// What a recorded room comes to with one build of a plugin.
#pragma once

#include <cstddef>

#include "plugins/registry.hpp"
#include "store/recording.hpp"

namespace hubbub::replay {

enum class Way {
  opened,  // as a server opens the room: its snapshot, where there is one that the plugin can use, and the messages after it
  whole,   // every message, from the first
};

struct Outcome {
  Json state;                     // as snapshot() tells it
  Json greeting = Json::array();  // the messages that a newcomer gets, at the time of the last one in the log
  Json failures = Json::array();  // in words: what the plugin threw on the way
};

// Plays the messages of the plugin. `whole` asks for a log that begins with 1, and `opened` for one that reaches back to that
// or to its snapshot. Throws std::runtime_error where the plugin's constructor throws.
Outcome play(const plugins::LoadedPlugin& plugin, const store::RecordedRoom& room, Way way);

}  // namespace hubbub::replay

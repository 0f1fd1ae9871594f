// What a plugin answers if the messages of a recorded room are sent to it again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "plugins/registry.hpp"
#include "store/recording.hpp"

namespace hubbub::replay {

// Contents of messages, by seq.
using Contents = std::map<std::uint64_t, Json>;

// What members had asked for, where that can be told: of each message that the plugin at the place `plugin` would refuse as it
// stands in the log, the part of its content that the plugin makes just this message of.
Contents asked(const plugins::Registry& registry, std::size_t plugin, const store::RecordedRoom& room);

struct Answers {
  std::map<std::uint64_t, std::string> refused;  // why, by seq
  Contents other;                  // where something else is made of a message than the log has, by seq: what
  std::set<std::string> unsteady;  // types of which something else is made now and then, as by a clock or by chance
};

// How a message is compared: `{type, content}`.
Json made(const std::string& type, const Json& content);

// Each message that the log can be played up to is sent a few times more by its sender, as it was asked for or else as it stands in
// the log, to the plugin at the place `plugin`, whose state is that of then. What a plugin changed when it took it may be refused
// for that alone: what only one of two builds refuses says much, what both refuse says nothing.
Answers answers(const plugins::Registry& registry, std::size_t plugin, const store::RecordedRoom& room, const Contents& asked);

}  // namespace hubbub::replay

// Which messages of a recorded room a plugin would not take again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "plugins/registry.hpp"
#include "store/recording.hpp"

namespace hubbub::replay {

// Contents of messages, by seq.
using Contents = std::map<std::uint64_t, Json>;

// What members had asked for, where that can be told: of each message that the plugin at the place `plugin` would refuse as it
// stands in the log, the part of its content that the plugin makes just this message of.
Contents asked(const plugins::Registry& registry, std::size_t plugin, const store::RecordedRoom& room);

// Each message that the log can be played up to is sent once more by its sender, as it was asked for or else as it stands in the
// log, to the plugin at the place `plugin`, whose state is that of then. Returns why it is refused, by seq. What a plugin changed
// when it took it may be refused for that alone: what only one of two builds refuses says much, what both refuse says nothing.
std::map<std::uint64_t, std::string> refusals(const plugins::Registry& registry, std::size_t plugin,
                                              const store::RecordedRoom& room, const Contents& asked);

}  // namespace hubbub::replay

// Which messages of a recorded room a plugin would not take again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "plugins/registry.hpp"
#include "store/recording.hpp"

namespace hubbub::replay {

// Each message that the log can be played up to is sent once more by its sender, as it stands in the log, to the plugin at
// the place `plugin`, whose state is that of then. Returns why it is refused, by seq. What a plugin changed when it took it
// may be refused for that alone, so one build's refusals say little, and what only one of two refuses says much.
std::map<std::uint64_t, std::string> refusals(const plugins::Registry& registry, std::size_t plugin,
                                              const store::RecordedRoom& room);

}  // namespace hubbub::replay

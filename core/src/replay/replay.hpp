// What `hubbub replay` says of a recorded room: a text for people, but for tell(), whose text is JSON.
//
// Each throws std::runtime_error where nothing can be said: a plugin cannot be made, or the log begins later than the room
// and there is no snapshot. `names` are those of plugins in the registry.
#pragma once

#include <string>
#include <vector>

#include "plugins/registry.hpp"
#include "store/recording.hpp"

namespace hubbub::replay {

struct Report {
  std::string text;
  bool clean = true;  // nothing differs, and no plugin failed
};

// Whether each plugin comes to the same from the room's snapshot as from its whole log, without failing on the way.
Report check(const plugins::Registry& registry, const store::RecordedRoom& room);

// What the plugins `names` make of the room.
Report tell(const plugins::Registry& registry, const std::vector<std::string>& names, const store::RecordedRoom& room);

// What they make of it in `after`, and not in `before`. Both registries have the same plugins in the same order.
Report compare(const plugins::Registry& before, const plugins::Registry& after, const std::vector<std::string>& names,
               const store::RecordedRoom& room);

}  // namespace hubbub::replay

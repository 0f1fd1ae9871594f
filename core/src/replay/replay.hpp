// The reports of `hubbub replay` on a recorded room. check() and compare() write text for people; tell() writes JSON.
//
// All throw std::runtime_error if the replay is impossible: a plugin's constructor throws, or the log has lost its beginning and
// there is no snapshot. `names` are names of plugins in the registry.
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

// Checks that each plugin reaches the same state from the room's snapshot as from its whole log, without a failing call.
Report check(const plugins::Registry& registry, const store::RecordedRoom& room);

// The state, greeting and failures of each plugin in `names` after the replay.
Report tell(const plugins::Registry& registry, const std::vector<std::string>& names, const store::RecordedRoom& room);

// Compares the builds of these plugins in `before` with those in `after`. Both registries must have the same plugins in the same
// order.
Report compare(const plugins::Registry& before, const plugins::Registry& after, const std::vector<std::string>& names,
               const store::RecordedRoom& room);

}  // namespace hubbub::replay

// Shows people where two JSON values differ. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "protocol/json.hpp"

namespace hubbub::replay {

struct Difference {
  std::string path;   // from the root: `state.tasks[2].title`
  std::string lines;  // one or two lines, indented by two: `- ` and the value before, `+ ` and the value after; long ones are cut
};

// All differences, in order. If entries were added to an array or removed from it in one place, only those are reported.
std::vector<Difference> differences(const std::string& root, const Json& before, const Json& after);

// `text`, cut to the length to which values are cut.
std::string shortened(std::string text);

}  // namespace hubbub::replay

// Where two JSON values differ, for people. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "protocol/json.hpp"

namespace hubbub::replay {

struct Difference {
  std::string path;   // from the root: `state.tasks[2].title`
  std::string lines;  // two at most, indented by two: `- ` and what was there, `+ ` and what is; each cut where it is long
};

// Every place, in order. What was put into an array, or taken out of it, is found where that was in one place.
std::vector<Difference> differences(const std::string& root, const Json& before, const Json& after);

// `text`, cut to the length at which values are.
std::string shortened(std::string text);

}  // namespace hubbub::replay

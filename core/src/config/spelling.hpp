// Guesses which name a misspelt name was meant to be. Pure functions, from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hubbub::config {

// The most similar of `names` if it is close enough to be a typo (`prot` for `port`, `max-message` for `max_message`), else
// empty. If two are equally close, the first of them.
std::string nearest(std::string_view written, const std::vector<std::string>& names);

}  // namespace hubbub::config

// Finds the name that somebody meant who wrote another one. Pure functions, from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hubbub::config {

// The nearest of `names` where it is near enough to be a slip of the keyboard (`prot` for `port`, `max-message` for
// `max_message`), else empty. The earlier of two that are equally near.
std::string nearest(std::string_view written, const std::vector<std::string>& names);

}  // namespace hubbub::config

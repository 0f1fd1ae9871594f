// The options of the server itself that differ between two configurations. Any thread.
#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"

namespace hubbub::config {

// Their names, such as `server.port`, in the order of config.yaml. Those of `log` and `plugins` are left out: they need no restart.
std::vector<std::string> changed_options(const Config& one, const Config& other);

}  // namespace hubbub::config

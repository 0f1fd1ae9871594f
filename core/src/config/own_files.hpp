// What comes with the server: its configuration, its plugins and its pages. In a build they are beside the program; in an installation they
// are where its directories are from the program, so that it can be moved as a whole. For any thread.
#pragma once

#include <filesystem>

namespace hubbub::config {

std::filesystem::path own_config();
std::filesystem::path own_plugins();
std::filesystem::path own_pages();

}  // namespace hubbub::config

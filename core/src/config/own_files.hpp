// Where the files that come with the server are: its configuration, its plugins and its pages. In a build they are beside the
// program; in an installation they are found relative to the program, so that the whole tree can be moved. Any thread.
#pragma once

#include <filesystem>

namespace hubbub::config {

std::filesystem::path own_config();
std::filesystem::path own_plugins();
std::filesystem::path own_pages();

}  // namespace hubbub::config

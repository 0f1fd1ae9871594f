// A plugin's manual, for people: its options, the messages that it takes, and what must be in them.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "config/config.hpp"

namespace hubbub::plugins {

// The plugin's version and file, its types, and its options with their defaults.
std::string summary(const config::PluginSection& plugin, std::span<const std::filesystem::path> directories);

// The same, with each type in full. Both throw std::runtime_error if the library cannot be used.
std::string manual(const config::PluginSection& plugin, std::span<const std::filesystem::path> directories);

}  // namespace hubbub::plugins

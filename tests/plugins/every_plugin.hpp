// Every plugin of this repository, examples too: its name and its folder.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace hubbub::testing {

inline std::map<std::string, std::filesystem::path> every_plugin() {
  namespace fs = std::filesystem;
  const auto plugins = fs::path{HUBBUB_SOURCE_DIR} / "plugins";
  std::map<std::string, fs::path> found;
  for (const auto& parent : {plugins, plugins / "examples"}) {
    for (const auto& entry : fs::directory_iterator{parent}) {
      if (fs::exists(entry.path() / "CMakeLists.txt")) found.emplace(entry.path().filename().string(), entry.path());
    }
  }
  return found;
}

// Options with which the plugin in this folder is useful: a plugin that hosts files gets its examples.
inline nlohmann::json options_of(const std::filesystem::path& folder) {
  auto options = nlohmann::json::object();
  if (!std::filesystem::exists(folder / "examples")) return options;
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator{folder / "examples"}) files.insert(entry.path().string());
  options["files"] = files;
  return options;
}

}  // namespace hubbub::testing

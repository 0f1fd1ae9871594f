// Every plugin of this repository, examples too: its name and its folder.
#pragma once

#include <filesystem>
#include <map>
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

}  // namespace hubbub::testing

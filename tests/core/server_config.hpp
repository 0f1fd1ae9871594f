// What tests of a whole server are configured with.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>
#include <utility>

#include "config/config.hpp"

namespace hubbub {

// Any free port, two threads, nothing stored, and the plugin chat; other variables go over these, and an empty one takes one away.
inline config::Config config_of(config::Environment environment) {
  for (const auto& [name, value] : config::Environment{{"SERVER__PORT", "0"}, {"SERVER__THREADS", "2"}, {"STORE__TYPE", "memory"},
                                                       {"PLUGINS__DIRECTORY", HUBBUB_FIXTURE_DIR}, {"PLUGINS__CHAT", "{}"}}) {
    environment.try_emplace("HUBBUB_" + name, value);
  }
  std::erase_if(environment, [](const auto& variable) { return variable.second.empty(); });
  return config::load({}, environment);
}

// A directory of a test, while it lives.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "hubbub-server-XXXXXX").string();
    path = ::mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

}  // namespace hubbub

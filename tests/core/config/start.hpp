// One start of the server for a test: writes YAML to a file called config.yaml, beside the directories `pages` and `lib`, and loads it.
#pragma once

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"

namespace hubbub::config {

using Lines = std::vector<std::string>;

class Start {
 public:
  explicit Start(std::string_view yaml, Environment environment = {}) : environment_(std::move(environment)) {
    std::random_device random;
    directory_ = std::filesystem::temp_directory_path() / ("hubbub-config-" + std::to_string(random()));
    for (const auto* each : {"pages", "lib"}) std::filesystem::create_directories(directory_ / each);
    std::ofstream{file(), std::ios::binary} << yaml;
  }
  Start(const Start&) = delete;
  Start& operator=(const Start&) = delete;
  ~Start() { std::filesystem::remove_all(directory_); }

  std::filesystem::path file() const { return directory_ / "config.yaml"; }
  const std::filesystem::path& directory() const { return directory_; }

  Config config() const { return load(file(), environment_); }

  // Empty if the server would start.
  Lines problems() const {
    try {
      config();
      return {};
    } catch (const Error& e) {
      return without_directory(e.problems());
    }
  }

  // As a user in the file's directory sees them: `config.yaml:3: …`.
  Lines without_directory(Lines lines) const {
    const std::string prefix = directory_.string() + "/";
    for (auto& line : lines) {
      for (auto at = line.find(prefix); at != line.npos; at = line.find(prefix)) line.erase(at, prefix.size());
    }
    return lines;
  }

 private:
  Environment environment_;
  std::filesystem::path directory_;
};

inline Config config_of(std::string_view yaml, Environment environment = {}) {
  return Start{yaml, std::move(environment)}.config();
}

inline Lines problems_of(std::string_view yaml, Environment environment = {}) {
  return Start{yaml, std::move(environment)}.problems();
}

}  // namespace hubbub::config

// The text files that options name, as they were when the configuration was read: each is read when it is first asked for and
// kept, so that every room gets the same text, and who reads the configuration again knows which files belong to it.
//
// Any thread, and several at once.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "config/problem.hpp"

namespace hubbub::config {

class Files {
 public:
  struct Text {
    std::optional<Problem> problem;  // why there is no text
    std::string text;
  };

  // Names that do not begin with / start at the directory `base`.
  explicit Files(std::filesystem::path base) : base_(std::move(base)) {}

  // What stands in the file, at most 1MiB of UTF-8. It lives as long as this object.
  const Text& read(const std::string& name);

  // All that have been asked for, readable or not.
  std::vector<std::filesystem::path> paths() const;

 private:
  const std::filesystem::path base_;
  mutable std::mutex mutex_;
  std::map<std::filesystem::path, Text> read_;
};

}  // namespace hubbub::config

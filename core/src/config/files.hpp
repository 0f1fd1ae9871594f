// The text files that options name. Each is read on first use and kept, so that every room gets the same text; paths() tells
// the server which files to watch for changes.
//
// Thread-safe.
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

  // The content of a file, at most 1MiB of UTF-8, or the problem with it. The reference stays valid as long as this object.
  const Text& read(const std::string& name);

  // Whether the same files have been asked for, and the same text stands in each.
  bool is_same(const Files& other) const;

  // All files that read() was called for, readable or not.
  std::vector<std::filesystem::path> paths() const;

 private:
  const std::filesystem::path base_;
  mutable std::mutex mutex_;
  std::map<std::filesystem::path, Text> read_;
};

}  // namespace hubbub::config

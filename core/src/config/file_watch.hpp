// Tells when files have changed, by looking at them now and then: so it works on every file system, and for files that are not
// there yet. One thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace hubbub::config {

class FileWatch {
 public:
  // What the files are now is what they will have changed from.
  explicit FileWatch(std::vector<std::filesystem::path> files);

  // Whether any of them is another than it was, and has been the same at this look and the one before: whoever writes it is done.
  // Asked twice a second or so. What it is then is what it will have changed from.
  bool look();

 private:
  std::string looks() const;

  std::vector<std::filesystem::path> files_;
  std::string known_, last_;
};

}  // namespace hubbub::config

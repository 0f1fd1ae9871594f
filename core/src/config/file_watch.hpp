// Notices when files have changed. It polls, so it works on every file system and for files that do not exist yet. Used by one
// thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace hubbub::config {

class FileWatch {
 public:
  // Watches these files and no others. A file that was already watched keeps its baseline. A newly watched file counts as
  // unchanged from its current content, unless it was modified after `read` (when the caller began to read the files): then it
  // counts as changed.
  void follow(const std::vector<std::filesystem::path>& files, std::chrono::system_clock::time_point read);

  // Makes the files' current content the baseline. Call it before reading the files: then a change during the reading is noticed.
  void mark();

  // Call it about twice a second. Returns true, and moves the baseline, if a file differs from its baseline and no file has
  // changed since the previous call, so that whoever wrote it is done.
  bool look();

 private:
  using Looks = std::map<std::filesystem::path, std::string>;
  Looks looks() const;

  Looks known_, last_;
};

}  // namespace hubbub::config

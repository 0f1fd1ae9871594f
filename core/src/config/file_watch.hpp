// Tells when files have changed, by looking at them now and then: so it works on every file system, and for files that are not
// there yet. One thread.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace hubbub::config {

class FileWatch {
 public:
  // Watches these files and no others. What one is now is what it will have changed from, unless it was watched before. Where the
  // file system says that it has changed since `read`, when whoever reads the files began to, it has changed already.
  void follow(const std::vector<std::filesystem::path>& files, std::chrono::system_clock::time_point read);

  // What the files are now is what they will have changed from. For before they are read: what changes meanwhile is found.
  void mark();

  // Whether any of them is another than it was, and has been the same at this look and the one before: whoever writes it is done.
  // Asked twice a second or so; where it is true, it is a mark.
  bool look();

 private:
  using Looks = std::map<std::filesystem::path, std::string>;
  Looks looks() const;

  Looks known_, last_;
};

}  // namespace hubbub::config

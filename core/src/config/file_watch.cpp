#include "config/file_watch.hpp"

#include <sys/stat.h>

#include <utility>

namespace hubbub::config {

FileWatch::FileWatch(std::vector<std::filesystem::path> files) : files_(std::move(files)), known_(looks()), last_(known_) {}

bool FileWatch::look() {
  const auto before = std::exchange(last_, looks());
  if (last_ == known_ || last_ != before) return false;
  known_ = last_;
  return true;
}

// What changes where a file is written or another takes its name.
std::string FileWatch::looks() const {
  std::string all;
  for (const auto& file : files_) {
    struct stat status {};
    if (::stat(file.c_str(), &status) == 0) {
      for (const auto part : {static_cast<long long>(status.st_ino), static_cast<long long>(status.st_size),
                              static_cast<long long>(status.st_mtim.tv_sec), static_cast<long long>(status.st_mtim.tv_nsec)}) {
        all += std::to_string(part) + ' ';
      }
    }
    all += '\n';
  }
  return all;
}

}  // namespace hubbub::config

#include "config/file_watch.hpp"

#include <sys/stat.h>

#include <utility>

namespace hubbub::config {
namespace {

// A fingerprint that changes if the file is written or replaced; empty if there is no such file.
std::string look_at(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return {};
  std::string all;
  for (const auto part : {static_cast<long long>(status.st_ino), static_cast<long long>(status.st_size),
                          static_cast<long long>(status.st_mtim.tv_sec), static_cast<long long>(status.st_mtim.tv_nsec)}) {
    all += std::to_string(part) + ' ';
  }
  return all;
}

bool has_changed_since(const std::filesystem::path& file, std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  constexpr milliseconds behind{10};  // a file's time may lag this much: file systems use the kernel's last tick
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return false;
  // The change time: when the file was last written or renamed.
  return seconds{status.st_ctim.tv_sec} + nanoseconds{status.st_ctim.tv_nsec} >= time.time_since_epoch() - behind;
}

const std::string never_seen = "?";  // differs from every fingerprint

}  // namespace

void FileWatch::follow(const std::vector<std::filesystem::path>& files, std::chrono::system_clock::time_point read) {
  const auto before = std::exchange(known_, {});
  for (const auto& file : files) {
    const auto found = before.find(file);
    if (found != before.end()) {
      known_.insert(*found);
    } else {
      known_.emplace(file, has_changed_since(file, read) ? never_seen : look_at(file));
    }
  }
  last_ = known_;
}

void FileWatch::mark() { last_ = known_ = looks(); }

bool FileWatch::look() {
  const auto before = std::exchange(last_, looks());
  if (last_ == known_ || last_ != before) return false;
  known_ = last_;
  return true;
}

FileWatch::Looks FileWatch::looks() const {
  Looks looks;
  for (const auto& [file, known] : known_) looks.emplace(file, look_at(file));
  return looks;
}

}  // namespace hubbub::config

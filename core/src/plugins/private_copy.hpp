// The contents of a file, and a copy of them that nobody else can change: what a library is loaded from, so that its file may
// be overwritten, cut short or removed while it is in use.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace hubbub::plugins {

// The whole file. Throws std::runtime_error that says what is in the way: it is a directory, it may not be read, or it was
// being written meanwhile.
std::string contents_of(const std::filesystem::path& file);

// A file without a name that code may be loaded from. It goes when the last of its descriptor and its mappings has.
class PrivateCopy {
 public:
  // `name` is what the system shows for it, in /proc/PID/maps. `beside` is the file that it is a copy of: its directory serves
  // if the system lets no code be loaded from memory. Throws std::runtime_error that says what was tried and what to do.
  PrivateCopy(std::string_view contents, const std::string& name, const std::filesystem::path& beside);
  ~PrivateCopy();
  PrivateCopy(const PrivateCopy&) = delete;
  PrivateCopy& operator=(const PrivateCopy&) = delete;

  // What the loader opens, and a debugger of this process.
  std::string path() const;

  // Leaves the descriptor open while the process lives: the loader takes a path that it has seen for the library it has.
  void keep() { descriptor_ = -1; }

 private:
  int descriptor_ = -1;
};

}  // namespace hubbub::plugins

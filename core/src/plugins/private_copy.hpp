// The contents of a file, and a copy of them that nobody else can change. A library is loaded from such a copy, so that its file may
// be overwritten, cut short or removed while the library is in use.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace hubbub::plugins {

// Reads the whole file. Throws std::runtime_error with the reason if that fails: it is a directory, it may not be read, or it was
// written at the same time.
std::string contents_of(const std::filesystem::path& file);

// A file without a name, from which code may be loaded. It exists as long as its descriptor or one of its mappings.
class PrivateCopy {
 public:
  // `name` is the name that the system shows in /proc/PID/maps. `beside` is the file whose copy this is: the copy is made in its
  // directory if the system does not let code be loaded from memory. Throws std::runtime_error that says what was tried and what to do.
  PrivateCopy(std::string_view contents, const std::string& name, const std::filesystem::path& beside);
  ~PrivateCopy();
  PrivateCopy(const PrivateCopy&) = delete;
  PrivateCopy& operator=(const PrivateCopy&) = delete;

  // The path by which the loader opens the copy, and so does a debugger of this process.
  std::string path() const;

  // Leaves the descriptor open while the process lives. If its number were used again, the loader would take the same path for the
  // library that it already has.
  void keep() { descriptor_ = -1; }

 private:
  int descriptor_ = -1;
};

}  // namespace hubbub::plugins

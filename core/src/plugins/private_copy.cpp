#include "plugins/private_copy.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace hubbub::plugins {
namespace {

namespace fs = std::filesystem;

#ifndef MFD_EXEC
constexpr unsigned MFD_EXEC = 0x10;  // since Linux 6.3
#endif

std::string words(int error) { return std::generic_category().message(error); }

std::runtime_error unreadable(const std::string& why) { return std::runtime_error("it cannot be read: " + why); }

// Opens a file, and closes it again.
struct Opened {
  explicit Opened(const fs::path& file) : descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {}
  ~Opened() {
    if (descriptor >= 0) ::close(descriptor);
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;
  const int descriptor;
};

bool is_same(const struct stat& one, const struct stat& other) {
  return one.st_size == other.st_size && one.st_mtim.tv_sec == other.st_mtim.tv_sec && one.st_mtim.tv_nsec == other.st_mtim.tv_nsec;
}

int in_memory(const std::string& name) {
  const auto flags = static_cast<unsigned>(MFD_CLOEXEC);
  const int made = ::memfd_create(name.c_str(), flags | MFD_EXEC);
  return made < 0 && errno == EINVAL ? ::memfd_create(name.c_str(), flags) : made;
}

int in_directory(const fs::path& directory) { return ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, S_IRWXU); }

bool write_all(int descriptor, std::string_view contents) {
  while (!contents.empty()) {
    const auto written = ::write(descriptor, contents.data(), contents.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    contents.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// Some systems let code be loaded only from files in certain places.
bool is_executable(int descriptor) {
  void* mapped = ::mmap(nullptr, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, descriptor, 0);
  if (mapped == MAP_FAILED) return false;
  ::munmap(mapped, 1);
  return true;
}

}  // namespace

std::string contents_of(const fs::path& file) {
  const Opened opened{file};
  struct stat before {};
  if (opened.descriptor < 0 || ::fstat(opened.descriptor, &before) != 0) throw unreadable(words(errno));
  if (!S_ISREG(before.st_mode)) throw unreadable(S_ISDIR(before.st_mode) ? "it is a directory" : "it is not a regular file");
  std::string contents(static_cast<std::size_t>(before.st_size), '\0');
  std::size_t size = 0;
  while (size < contents.size()) {
    const auto bytes = ::read(opened.descriptor, contents.data() + size, contents.size() - size);
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) throw unreadable(words(errno));
    if (bytes == 0) break;
    size += static_cast<std::size_t>(bytes);
  }
  struct stat after {};
  if (::fstat(opened.descriptor, &after) != 0) throw unreadable(words(errno));
  if (size != contents.size() || !is_same(before, after)) {
    throw std::runtime_error("it is being written; load it when that is done");
  }
  return contents;
}

PrivateCopy::PrivateCopy(std::string_view contents, const std::string& name, const fs::path& beside) {
  std::string tried;
  const auto attempt = [&](int descriptor, const std::string& where) {
    if (descriptor >= 0 && write_all(descriptor, contents) && is_executable(descriptor)) {
      descriptor_ = descriptor;
      return true;
    }
    tried += (tried.empty() ? "" : "; ") + where + ": " + words(errno);
    if (descriptor >= 0) ::close(descriptor);
    return false;
  };
  std::error_code ignored;
  const auto temporary = fs::temp_directory_path(ignored);
  if (attempt(in_memory(name), "memory")) return;
  for (const auto& directory : {fs::absolute(beside).parent_path(), temporary.empty() ? fs::path{"/tmp"} : temporary}) {
    if (attempt(in_directory(directory), directory.string())) return;
  }
  throw std::runtime_error("the server cannot make a copy of it from which code may be loaded (" + tried +
                           "); set TMPDIR to a directory that the server may write to, on a file system without noexec");
}

PrivateCopy::~PrivateCopy() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

// With the process id, because a debugger's /proc/self is the debugger.
std::string PrivateCopy::path() const {
  return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(descriptor_);
}

}  // namespace hubbub::plugins

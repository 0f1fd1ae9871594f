#include "config/text_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

namespace hubbub::config {
namespace {

constexpr std::size_t most_bytes = 1024 * 1024;

std::string reason(int error) {
  std::string text = std::strerror(error);
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

bool is_stray_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\r') || c == 0x7F; }

bool is_utf8(std::string_view text) {
  try {
    static_cast<void>(nlohmann::json(text).dump());
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }

 private:
  int number_;
};

bool is_given(const std::filesystem::path& file) {
  const auto name = file.string();
  return name == "/dev/stdin" || name.starts_with("/dev/fd/") || name.starts_with("/proc/self/fd/");
}

}  // namespace

std::optional<Problem> read_text(const std::filesystem::path& file, std::string& text, bool may_wait) {
  const Location where{.file = file.string()};
  const Descriptor opened{::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)};
  struct stat status {};
  if (opened.number() < 0 || ::fstat(opened.number(), &status) != 0) return Problem{where, "cannot be read: " + reason(errno)};
  if (S_ISDIR(status.st_mode)) return Problem{where, "is a directory; name a file"};
  if (S_ISFIFO(status.st_mode)) {
    if (!may_wait || !is_given(file)) return Problem{where, "is a pipe, which would block the server; name a file"};
    ::fcntl(opened.number(), F_SETFL, 0);
  }
  // Reads up to the bound instead of asking for the file's size: a pipe has none, and a device may have no end.
  text.resize(most_bytes + 1);
  std::size_t size = 0;
  while (size < text.size()) {
    const auto count = ::read(opened.number(), text.data() + size, text.size() - size);
    if (count == 0) break;
    if (count > 0) {
      size += static_cast<std::size_t>(count);
    } else if (errno == EAGAIN) {
      return Problem{where, "would block the server; name a file"};
    } else if (errno != EINTR) {
      return Problem{where, "cannot be read to its end: " + reason(errno)};
    }
  }
  text.resize(size);
  if (text.size() > most_bytes) return Problem{where, "is larger than 1MiB"};
  return std::nullopt;
}

std::optional<Problem> bad_characters(std::string_view text, Location where) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (std::any_of(line.begin(), line.end(), is_stray_control)) {
      return Problem{where, "holds a control character; remove it"};
    }
    if (!is_utf8(line)) return Problem{where, "is not valid UTF-8; save it as UTF-8"};
    if (where.variable.empty()) ++where.line;
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return std::nullopt;
}

}  // namespace hubbub::config

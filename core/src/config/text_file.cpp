#include "config/text_file.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

namespace hubbub::config {
namespace {

constexpr std::size_t most_bytes = 1024 * 1024;

std::string reason(int error) {
  std::string text = std::strerror(error);
  if (!text.empty()) text[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(text[0])));
  return text;
}

bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\r') || c == 0x7F; }

bool is_utf8(std::string_view text) {
  try {
    static_cast<void>(nlohmann::json(text).dump());
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

}  // namespace

std::optional<Problem> read_text(const std::filesystem::path& file, std::string& text) {
  const Location where{.file = file.string()};
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) return Problem{where, "is a directory; name a file"};
  errno = 0;
  std::ifstream stream{file, std::ios::binary};
  if (!stream) return Problem{where, "cannot be read: " + reason(errno)};
  // Read as far as the bound rather than asked for its size: a pipe has none, and a device may have no end.
  text.resize(most_bytes + 1);
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return Problem{where, "cannot be read to its end"};
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > most_bytes) return Problem{where, "is larger than 1MiB"};
  return std::nullopt;
}

std::optional<Problem> bad_characters(std::string_view text, Location where) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (std::any_of(line.begin(), line.end(), is_control)) {
      return Problem{where, "holds a control character; remove it"};
    }
    if (!is_utf8(line)) return Problem{where, "is not valid UTF-8; save it as UTF-8"};
    if (where.variable.empty()) ++where.line;
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return std::nullopt;
}

}  // namespace hubbub::config

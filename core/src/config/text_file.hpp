// Reads and checks the bytes of a configuration file before they are parsed. Any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "config/problem.hpp"

namespace hubbub::config {

// Puts the content of `file`, at most 1MiB, into `text`; or returns why it cannot be read. Never blocks, except on a pipe that
// the process was given, such as /dev/stdin, if `may_wait`. All other pipes are refused.
std::optional<Problem> read_text(const std::filesystem::path& file, std::string& text, bool may_wait = false);

// The first problem with the bytes of `text`: a control character, or invalid UTF-8. `where` is the place of its first line.
std::optional<Problem> bad_characters(std::string_view text, Location where);

}  // namespace hubbub::config

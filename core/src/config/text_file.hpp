// The bytes of a configuration before anybody parses them. Pure functions, from any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "config/problem.hpp"

namespace hubbub::config {

// Puts the contents of `file`, at most 1MiB, into `text`; or says why it cannot be read. Waits for nobody, unless the file is a
// pipe that the process was given, such as /dev/stdin, and `may_wait`. Other pipes are refused.
std::optional<Problem> read_text(const std::filesystem::path& file, std::string& text, bool may_wait = false);

// What is wrong with the bytes of `text`, which begins at `where`: control characters, or not UTF-8.
std::optional<Problem> bad_characters(std::string_view text, Location where);

}  // namespace hubbub::config

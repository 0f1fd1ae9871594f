// What the server tells its operator: lines on standard output, each with its time and level, as `log.level` asks for.
//
//   log::warn("room={} took {} ms to open", name, ms);
//
// The format is checked at compile time. Text that a stranger can choose must be escaped by the caller (hubbub/shown.hpp). A line
// that cannot be written, for want of memory or disk, is lost; nothing is thrown. Any thread may call all of this.
//
// The logging library is included by log.cpp alone: a file that includes it takes five seconds more to compile.
#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <string>

namespace hubbub::log {

enum class Level : std::uint8_t { debug, info, warn, error };

void write_line(Level level, fmt::string_view format, fmt::format_args arguments) noexcept;

template <class... Arguments>
void write(Level level, fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  write_line(level, format, fmt::make_format_args(arguments...));
}

template <class... Arguments>
void debug(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  write_line(Level::debug, format, fmt::make_format_args(arguments...));
}

template <class... Arguments>
void info(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  write_line(Level::info, format, fmt::make_format_args(arguments...));
}

template <class... Arguments>
void warn(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  write_line(Level::warn, format, fmt::make_format_args(arguments...));
}

template <class... Arguments>
void error(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  write_line(Level::error, format, fmt::make_format_args(arguments...));
}

// `level` is a value of `log.level`. Lines below it are not written from now on.
void set_level(const std::string& level);

// Returns once all lines so far have left the process.
void flush();

}  // namespace hubbub::log

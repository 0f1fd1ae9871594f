#include "runtime/log.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <iterator>

namespace hubbub::log {
namespace {

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warn: return spdlog::level::warn;
    case Level::error: break;
  }
  return spdlog::level::err;
}

}  // namespace

void write_line(Level level, fmt::string_view format, fmt::format_args arguments) noexcept {
  auto& logger = *spdlog::default_logger_raw();
  if (!logger.should_log(level_of(level))) return;
  try {
    fmt::memory_buffer line;
    fmt::vformat_to(std::back_inserter(line), format, arguments);
    logger.log(level_of(level), spdlog::string_view_t{line.data(), line.size()});
  } catch (...) {  // a line that cannot be written must not end what the server is doing
  }
}

void set_level(const std::string& level) { spdlog::set_level(spdlog::level::from_str(level)); }

void flush() { spdlog::default_logger()->flush(); }

}  // namespace hubbub::log

// Times and numbers of bytes with their units: `250ms`, `25s`, `64KiB`. Pure functions, from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub::config {

// A whole number and one of ms, s, m, h, d; nothing if `text` is not that or does not fit.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

// A whole number and one of B, KiB, MiB, GiB.
std::optional<std::uint64_t> parse_size(std::string_view text);

// In the largest unit that is exact: 90s, 1h, 64KiB.
std::string duration_text(std::chrono::milliseconds duration);
std::string size_text(std::uint64_t bytes);

// The valid spelling of `64kb`, `64 KiB`, `5min`; empty if `text` cannot be guessed.
std::string likely_duration(std::string_view text);
std::string likely_size(std::string_view text);

}  // namespace hubbub::config

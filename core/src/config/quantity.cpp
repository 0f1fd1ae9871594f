#include "config/quantity.hpp"

#include <array>
#include <cctype>
#include <charconv>
#include <limits>
#include <span>

namespace hubbub::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
  std::string_view also;  // other spellings in lower case, each between spaces
};

// Smallest unit first.
constexpr std::array times{
    Unit{"ms", 1, " ms msec msecs millis millisecond milliseconds "},
    Unit{"s", 1000, " s sec secs second seconds "},
    Unit{"m", 60'000, " m min mins minute minutes "},
    Unit{"h", 3'600'000, " h hr hrs hour hours "},
    Unit{"d", 86'400'000, " d day days "},
};
constexpr std::array sizes{
    Unit{"B", 1, " b byte bytes "},
    Unit{"KiB", 1024, " k kb kib "},
    Unit{"MiB", 1024 * 1024, " m mb mib "},
    Unit{"GiB", 1024 * 1024 * 1024, " g gb gib "},
};

struct Quantity {
  std::string_view digits;
  std::string_view unit;
};

Quantity split_unit(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  return {text.substr(0, digits), text.substr(digits)};
}

std::optional<std::uint64_t> parse(std::string_view text, std::span<const Unit> units, std::uint64_t most) {
  const auto [digits, name] = split_unit(text);
  std::uint64_t count = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (digits.empty() || read.ec != std::errc{}) return std::nullopt;
  for (const Unit& unit : units) {
    if (unit.name == name && count <= most / unit.factor) return count * unit.factor;
  }
  return std::nullopt;
}

std::string text_of(std::uint64_t amount, std::span<const Unit> units, std::string_view zero) {
  if (amount == 0) return std::string{zero};
  const Unit* best = &units.front();
  for (const Unit& unit : units) {
    if (amount % unit.factor == 0) best = &unit;
  }
  return std::to_string(amount / best->factor).append(best->name);
}

std::string likely(std::string_view text, std::span<const Unit> units) {
  const auto [digits, name] = split_unit(text);
  std::string spelling;
  for (const char c : name) {
    if (c != ' ') spelling += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  if (digits.empty() || spelling.empty()) return "";
  for (const Unit& unit : units) {
    if (unit.also.find(" " + spelling + " ") != std::string_view::npos) return std::string{digits}.append(unit.name);
  }
  return "";
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto most = static_cast<std::uint64_t>(std::chrono::milliseconds::max().count());
  const auto count = parse(text, times, most);
  if (!count) return std::nullopt;
  return std::chrono::milliseconds{static_cast<std::int64_t>(*count)};
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return parse(text, sizes, std::numeric_limits<std::uint64_t>::max());
}

std::string duration_text(std::chrono::milliseconds duration) {
  return text_of(static_cast<std::uint64_t>(duration.count()), times, "0s");
}

std::string size_text(std::uint64_t bytes) { return text_of(bytes, sizes, "0B"); }

std::string likely_duration(std::string_view text) { return likely(text, times); }

std::string likely_size(std::string_view text) { return likely(text, sizes); }

}  // namespace hubbub::config

#include "api/byte_range.hpp"

#include <algorithm>
#include <charconv>

#include "protocol/ascii.hpp"

namespace hubbub::api {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

}  // namespace

std::optional<ByteRange> parse_range(std::string_view header, std::uint64_t size) {
  constexpr std::string_view unit = "bytes=";
  if (!equal_ignoring_case(header.substr(0, unit.size()), unit)) return {};  // RFC 9110, 14.1
  header.remove_prefix(unit.size());
  const auto dash = header.find('-');
  if (dash == std::string_view::npos || header.find(',') != std::string_view::npos) return {};
  const auto first = number(header.substr(0, dash));
  const auto last = number(header.substr(dash + 1));

  if (dash == 0) {  // "-500": the last 500 bytes
    if (!last) return {};
    const auto length = std::min(*last, size);
    return ByteRange{size - length, length};
  }
  if (!first || (!last && dash + 1 != header.size()) || (last && *last < *first)) return {};
  if (*first >= size) return ByteRange{0, 0};
  return ByteRange{*first, std::min(last.value_or(size - 1), size - 1) - *first + 1};
}

}  // namespace hubbub::api

// The Range header of a request (RFC 9110, 14.2), for one range of bytes. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace hubbub::api {

struct ByteRange {
  std::uint64_t offset;
  std::uint64_t length;  // 0: the range lies outside of the file, to be answered 416
};

// What part of `size` bytes is asked for. Nothing where the whole is to be sent: no range, several, or not understood.
std::optional<ByteRange> parse_range(std::string_view header, std::uint64_t size);

}  // namespace hubbub::api

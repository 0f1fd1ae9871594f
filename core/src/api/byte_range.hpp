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

// Returns the part of `size` bytes that is asked for. Returns nothing if the whole is to be sent: for no range, several, or a malformed one.
std::optional<ByteRange> parse_range(std::string_view header, std::uint64_t size);

}  // namespace hubbub::api

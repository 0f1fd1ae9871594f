#include "net/websocket/utf8_check.hpp"

#include <cstring>

namespace hubbub::net {
namespace {

// Most text is ASCII, most of the time: eight bytes at once.
const char* skip_ascii(const char* at, const char* end) {
  for (std::uint64_t eight; end - at >= 8; at += 8) {
    std::memcpy(&eight, at, 8);
    if ((eight & 0x8080808080808080U) != 0) break;
  }
  while (at != end && static_cast<signed char>(*at) >= 0) ++at;
  return at;
}

}  // namespace

// RFC 3629, 4: the range of the second byte is smaller if its character could otherwise be written shorter, be half of a surrogate pair, or
// lie beyond U+10FFFF. If no character begins with `first`, `high_` is 0.
void Utf8Check::begin_character(std::uint8_t first) {
  missing_ = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
  low_ = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  high_ = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : first >= 0xC2 && first < 0xF4 ? 0xBF : 0;
}

bool Utf8Check::feed(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    for (; missing_ != 0; --missing_, low_ = 0x80, high_ = 0xBF) {
      if (at == end) return true;
      const auto byte = static_cast<std::uint8_t>(*at++);
      if (byte < low_ || byte > high_) return false;
    }
    at = skip_ascii(at, end);
    if (at == end) return true;
    begin_character(static_cast<std::uint8_t>(*at++));
    if (high_ == 0) return false;
  }
}

bool is_utf8(std::string_view text) {
  Utf8Check check;
  return check.feed(text) && check.complete();
}

}  // namespace hubbub::net

// Checks text for UTF-8 (RFC 3629) as it comes in, each byte once, and finds what is wrong at the first byte that cannot be
// right. No I/O; belongs to one text.
#pragma once

#include <cstdint>
#include <string_view>

namespace hubbub::net {

class Utf8Check {
 public:
  // False: what has come so far begins no valid text. Nothing may be fed after that.
  bool feed(std::string_view text);

  // Whether the text may end here: not within a character.
  bool complete() const { return missing_ == 0; }

 private:
  void begin_character(std::uint8_t first);

  std::uint8_t missing_ = 0;  // bytes of the character that was begun
  std::uint8_t low_ = 0;      // what its next byte may be
  std::uint8_t high_ = 0;
};

bool is_utf8(std::string_view text);

}  // namespace hubbub::net

// Checks incoming text for UTF-8 (RFC 3629), each byte once, and fails at the first byte that makes the text invalid. No I/O; one check
// is for one text.
#pragma once

#include <cstdint>
#include <string_view>

namespace hubbub::net {

class Utf8Check {
 public:
  // Returns false if no valid text begins with the bytes so far. Nothing may be fed after that.
  bool feed(std::string_view text);

  // Whether the text may end here: not within a character.
  bool complete() const { return missing_ == 0; }

 private:
  void begin_character(std::uint8_t first);

  std::uint8_t missing_ = 0;  // bytes until the current character is complete
  std::uint8_t low_ = 0;      // the range of its next byte
  std::uint8_t high_ = 0;
};

bool is_utf8(std::string_view text);

}  // namespace hubbub::net

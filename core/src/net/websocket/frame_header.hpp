// The header of a frame from a client (RFC 6455, 5.2), read but not checked. Plain data.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace hubbub::net {

constexpr std::uint16_t no_code = 1005;  // stands for a close frame without a code (RFC 6455, 7.1.5)

struct FrameHeader {
  enum Op : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

  static constexpr std::size_t longest = 14;

  std::uint8_t opcode = 0;
  std::uint8_t reserved = 0;  // RSV1 is 4, RSV2 is 2, RSV3 is 1
  bool fin = false;
  bool masked = false;
  bool shortest = true;           // whether the length is written in its shortest form
  std::array<char, 4> mask = {};  // its first byte masks the next byte of the payload
  std::uint64_t left = 0;         // bytes of payload that have not come yet

  // How many bytes a header has if its second byte is `second`: 2 to `longest`.
  static std::size_t size(char second);

  // Reads a whole header, of size() bytes.
  static FrameHeader read(std::string_view bytes);

  bool is_control() const { return opcode >= Op::close; }

  // Unmasks the next bytes of the payload in place. `payload` has at most `left` bytes.
  void unmask(std::span<char> payload);
};

}  // namespace hubbub::net

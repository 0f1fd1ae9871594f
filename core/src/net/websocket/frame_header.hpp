// The header of a frame that a client sent (RFC 6455, 5.2): read, and not judged. Plain data.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace hubbub::net {

struct FrameHeader {
  enum Op : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

  static constexpr std::size_t longest = 14;

  std::uint8_t opcode = 0;
  std::uint8_t reserved = 0;  // RSV1 is 4, RSV2 is 2, RSV3 is 1
  bool fin = false;
  bool masked = false;
  bool shortest = true;           // whether its length is in the shortest form that holds it
  std::array<char, 4> mask = {};  // begins with what the next byte of the payload is masked with
  std::uint64_t left = 0;         // bytes of payload that have not come yet

  // How many bytes a header has, told by its second byte.
  static std::size_t size(char second);

  // Reads a header of that size.
  static FrameHeader read(std::string_view bytes);

  bool is_control() const { return opcode >= Op::close; }

  // Takes the next bytes of the payload, no more than are left, and unmasks them where they are.
  void unmask(std::span<char> payload);
};

}  // namespace hubbub::net

#include "net/websocket/frame_header.hpp"

#include <algorithm>
#include <cstring>

namespace hubbub::net {
namespace {

std::uint8_t octet(char c) { return static_cast<std::uint8_t>(c); }

}  // namespace

std::size_t FrameHeader::size(char second) {
  const auto length = octet(second) & 0x7FU;
  return 2U + (length == 126 ? 2U : length == 127 ? 8U : 0U) + ((octet(second) & 0x80U) != 0 ? 4U : 0U);
}

FrameHeader FrameHeader::read(std::string_view bytes) {
  FrameHeader header;
  header.opcode = octet(bytes[0]) & 0x0FU;
  header.reserved = octet(bytes[0]) >> 4U & 7U;
  header.fin = (octet(bytes[0]) & 0x80U) != 0;
  header.masked = (octet(bytes[1]) & 0x80U) != 0;
  header.left = octet(bytes[1]) & 0x7FU;
  std::size_t at = 2;
  if (header.left >= 126) {
    const std::size_t end = header.left == 126 ? 4 : 10;
    const std::uint64_t least = header.left == 126 ? 126 : 0x10000;
    for (header.left = 0; at != end; ++at) header.left = header.left << 8U | octet(bytes[at]);
    header.shortest = header.left >= least;
  }
  if (header.masked) bytes.copy(header.mask.data(), header.mask.size(), at);
  return header;
}

void FrameHeader::unmask(std::span<char> payload) {
  std::array<char, 8> twice;
  for (std::size_t i = 0; i != twice.size(); ++i) twice[i] = mask[i % mask.size()];
  std::uint64_t key, eight;
  std::memcpy(&key, twice.data(), sizeof key);
  char* at = payload.data();
  char* const end = at + payload.size();
  for (; end - at >= 8; at += 8) {
    std::memcpy(&eight, at, sizeof eight);
    eight ^= key;
    std::memcpy(at, &eight, sizeof eight);
  }
  for (auto key_byte = twice.begin(); at != end; ++at, ++key_byte) *at = static_cast<char>(*at ^ *key_byte);
  std::ranges::rotate(mask, mask.begin() + static_cast<std::ptrdiff_t>(payload.size() % mask.size()));
  left -= payload.size();
}

}  // namespace hubbub::net

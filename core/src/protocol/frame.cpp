#include "protocol/frame.hpp"

#include <utility>

namespace hubbub {
namespace {

constexpr unsigned fin = 0x80;
constexpr unsigned rsv1 = 0x40;  // compressed

}  // namespace

Frame Frame::seal(std::string buffer, Opcode opcode, Delivery delivery) {
  return seal(std::move(buffer), fin | static_cast<unsigned>(opcode), opcode, delivery);
}

Frame Frame::seal_deflated(std::string buffer, Opcode opcode, Delivery delivery) {
  return seal(std::move(buffer), fin | rsv1 | static_cast<unsigned>(opcode), opcode, delivery);
}

Frame Frame::seal(std::string buffer, unsigned first_byte, Opcode opcode, Delivery delivery) {
  const std::uint64_t size = buffer.size() - headroom;
  // RFC 6455, 5.2: a length up to 125 stands in the second byte; longer ones follow it in 2 or 8 bytes, big-endian.
  const std::size_t extra = size < 126 ? 0 : size <= 0xFFFF ? 2 : 8;
  const std::size_t start = headroom - 2 - extra;
  buffer[start] = static_cast<char>(first_byte);
  buffer[start + 1] = static_cast<char>(extra == 0 ? size : extra == 2 ? 126 : 127);
  for (std::size_t i = 0; i < extra; ++i) {
    buffer[start + 2 + i] = static_cast<char>((size >> (8 * (extra - 1 - i))) & 0xFF);
  }
  return Frame{std::make_shared<const Wire>(Wire{std::move(buffer), start, opcode, delivery})};
}

Frame Frame::copy(std::string_view payload, Opcode opcode, Delivery delivery) {
  std::string buffer(headroom, '\0');
  buffer += payload;
  return seal(std::move(buffer), opcode, delivery);
}

}  // namespace hubbub

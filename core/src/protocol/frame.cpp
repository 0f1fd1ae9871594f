#include "protocol/frame.hpp"

namespace hubbub {
namespace {

constexpr unsigned fin = 0x80;
constexpr unsigned rsv1 = 0x40;  // compressed

}  // namespace

Frame Frame::of(std::initializer_list<std::string_view> pieces, Opcode opcode, Delivery delivery) {
  return make(pieces, fin | static_cast<unsigned>(opcode), opcode, delivery);
}

Frame Frame::deflated(std::string_view payload, Opcode opcode, Delivery delivery) {
  return make({payload}, fin | rsv1 | static_cast<unsigned>(opcode), opcode, delivery);
}

Frame Frame::make(std::initializer_list<std::string_view> pieces, unsigned first_byte, Opcode opcode, Delivery delivery) {
  std::uint64_t size = 0;
  for (const auto piece : pieces) size += piece.size();
  // RFC 6455, 5.2: a length up to 125 is in the second byte; a longer length follows it in 2 or 8 bytes, big-endian.
  const std::size_t extra = size < 126 ? 0 : size <= 0xFFFF ? 2 : 8;
  const std::size_t all = 2 + extra + size;
  auto wire = Wire::make_shared(all, all, delivery, static_cast<std::uint8_t>(2 + extra), opcode);
  auto* out = wire->tail();
  *out++ = static_cast<char>(first_byte);
  *out++ = static_cast<char>(extra == 0 ? size : extra == 2 ? 126 : 127);
  for (std::size_t i = extra; i-- > 0;) *out++ = static_cast<char>((size >> (8 * i)) & 0xFF);
  for (const auto piece : pieces) out += piece.copy(out, piece.size());
  return Frame{std::move(wire)};
}

}  // namespace hubbub

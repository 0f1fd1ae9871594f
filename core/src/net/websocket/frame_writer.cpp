#include "net/websocket/frame_writer.hpp"

#include <algorithm>
#include <utility>

#include "net/websocket/frame_header.hpp"

namespace hubbub::net {
namespace {

using Op = FrameHeader::Op;

constexpr std::size_t longest_control = 125;

std::string control_frame(Op opcode, std::string_view payload) {
  std::string frame{static_cast<char>(0x80U | opcode), static_cast<char>(payload.size())};
  return frame += payload;
}

std::string_view shortened(std::string_view text, std::size_t longest) {
  auto size = std::min(text.size(), longest);
  while (size != 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
  return text.substr(0, size);
}

}  // namespace

std::string close_frame(std::uint16_t code, std::string_view reason) {
  if (code == no_code) return control_frame(Op::close, {});
  std::string payload{static_cast<char>(code >> 8U), static_cast<char>(code & 0xFFU)};
  payload += shortened(reason, longest_control - payload.size());
  return control_frame(Op::close, payload);
}

std::string ping_frame() { return control_frame(Op::ping, {}); }
std::string pong_frame(std::string_view payload) { return control_frame(Op::pong, payload); }

Frame deflated(const Frame& frame, Deflater& deflater, int window_bits) {
  std::string payload;
  deflater.deflate(frame.payload(), window_bits, payload);
  if (payload.size() >= frame.payload().size()) return frame;
  return Frame::deflated(payload, frame.opcode(), frame.delivery());
}

}  // namespace hubbub::net

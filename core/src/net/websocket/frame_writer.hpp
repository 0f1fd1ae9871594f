// The bytes of the frames of a server that are no message of its own, and a message's compressed form. No I/O.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/websocket/deflate.hpp"
#include "protocol/frame.hpp"

namespace hubbub::net {

// The reason is cut, between two characters, where a close frame has no room for it. 1005 stands for no code and no reason.
std::string close_frame(std::uint16_t code, std::string_view reason);

std::string ping_frame();
std::string pong_frame(std::string_view payload);  // the ping's, of at most 125 bytes

// `frame` for those who negotiated permessage-deflate with a window of 2^window_bits bytes, the same for all of them. It is
// `frame` itself where compressing does not make it smaller.
Frame deflated(const Frame& frame, Deflater& deflater, int window_bits);

}  // namespace hubbub::net

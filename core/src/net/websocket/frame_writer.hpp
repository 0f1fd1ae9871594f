// Makes the control frames that a server sends, and the compressed form of a message. No I/O.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/websocket/deflate.hpp"
#include "protocol/frame.hpp"

namespace hubbub::net {

// The reason is cut between two characters if it does not fit into a close frame. Code 1005 makes a frame without code and reason.
std::string close_frame(std::uint16_t code, std::string_view reason);

std::string ping_frame();
std::string pong_frame(std::string_view payload);  // the payload of the ping, at most 125 bytes

// Returns the form of `frame` for all clients that negotiated permessage-deflate with a window of 2^window_bits bytes: `frame` itself if
// compression does not make it smaller.
Frame deflated(const Frame& frame, Deflater& deflater, int window_bits);

}  // namespace hubbub::net

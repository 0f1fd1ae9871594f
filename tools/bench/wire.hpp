// Writes and reads WebSocket frames (RFC 6455) at both ends of a benchmark: inline, without copies, and without the
// checks that a server needs against strangers.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace hubbub::bench {

enum Opcode : unsigned char { text_frame = 1, close_frame = 8, ping_frame = 9, pong_frame = 10 };

constexpr unsigned char final_bit = 0x80, compressed_bit = 0x40, masked_bit = 0x80;

struct FrameHead {
  unsigned char first = 0;     // final_bit, compressed_bit and the opcode
  bool masked = false;
  std::size_t size = 0;        // of the head itself, with its mask
  std::uint64_t payload = 0;   // bytes that follow it

  unsigned opcode() const { return first & 15u; }
  bool compressed() const { return first & compressed_bit; }
  std::size_t frame() const { return size + payload; }
};

// The head of the frame at the beginning of `bytes`; nothing as long as it is incomplete.
inline std::optional<FrameHead> read_head(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  if (bytes.size() < 2) return std::nullopt;
  FrameHead head{.first = byte(0), .masked = (byte(1) & masked_bit) != 0, .payload = byte(1) & 127u};
  const std::size_t extra = head.payload == 126 ? 2 : head.payload == 127 ? 8 : 0;
  head.size = 2 + extra + (head.masked ? 4 : 0);
  if (bytes.size() < head.size) return std::nullopt;
  if (extra != 0) head.payload = 0;
  for (std::size_t i = 2; i < 2 + extra; ++i) head.payload = head.payload << 8 | byte(i);
  return head;
}

// Applies a mask of four bytes while copying `from`; masking and unmasking are the same operation.
inline void mask(char* to, const char* key, std::string_view from) {
  std::uint64_t wide = 0;
  std::memcpy(&wide, key, 4);
  wide |= wide << 32;
  std::size_t i = 0;
  for (; i + 8 <= from.size(); i += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, from.data() + i, 8);
    eight ^= wide;
    std::memcpy(to + i, &eight, 8);
  }
  for (; i < from.size(); ++i) to[i] = static_cast<char>(from[i] ^ key[i % 4]);
}

// Appends a frame's head, with the mask's key if there is one, and returns where its payload of `size` bytes goes.
inline char* append_frame(std::string& to, unsigned char first, std::size_t size, const char* key = nullptr) {
  const unsigned char masked = key ? masked_bit : 0;
  to.push_back(static_cast<char>(first));
  if (size < 126) {
    to.push_back(static_cast<char>(masked | size));
  } else {
    const unsigned bytes = size < 65536 ? 2 : 8;
    to.push_back(static_cast<char>(masked | (bytes == 2 ? 126 : 127)));
    for (unsigned i = bytes; i-- > 0;) to.push_back(static_cast<char>(size >> (8 * i)));
  }
  if (key) to.append(key, 4);
  to.resize(to.size() + size);
  return to.data() + to.size() - size;
}

inline void append_frame(std::string& to, Opcode opcode, std::string_view payload) {
  payload.copy(append_frame(to, final_bit | opcode, payload.size()), payload.size());
}

// A frame as clients send it. Clients should use a new random key for each frame; a benchmark need not.
inline void append_masked_frame(std::string& to, unsigned char first, std::string_view payload) {
  constexpr const char* key = "\x37\xfa\x21\x3d";
  mask(append_frame(to, first, payload.size(), key), key, payload);
}

}  // namespace hubbub::bench

// One WebSocket message as it leaves the server: encoded once, immutable, shared by everyone it is sent to on any thread.
//
// Frames of a server are not masked (RFC 6455, 5.1), so the same bytes serve every connection. A frame also says what may
// happen to it when a reader is behind (see Delivery).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace hubbub {

enum class Opcode : std::uint8_t { text = 1, binary = 2 };

// What an outbox may do with a frame that a slow reader has not taken yet.
struct Delivery {
  bool droppable = false;       // ephemeral: the first to go when the outbox is full
  std::uint64_t newest_of = 0;  // not 0: an unsent droppable frame with the same number is replaced by this one

  static constexpr Delivery must() { return {}; }
  static constexpr Delivery may_drop(std::uint64_t newest_of = 0) { return {true, newest_of}; }
};

class Frame {
 public:
  // The bytes to leave free in front of a payload that is built in place for seal(): a server's longest frame header.
  static constexpr std::size_t headroom = 10;

  // Makes a frame of `buffer`, whose first `headroom` bytes are free and whose rest is the payload. No copy is made.
  static Frame seal(std::string buffer, Opcode = Opcode::text, Delivery = Delivery::must());

  // The same of a payload that is compressed for permessage-deflate (RFC 7692, 6.1), for those who negotiated it.
  static Frame seal_deflated(std::string buffer, Opcode, Delivery);

  // Makes a frame of a payload that stands elsewhere, by copying it.
  static Frame copy(std::string_view payload, Opcode = Opcode::text, Delivery = Delivery::must());

  std::string_view bytes() const { return std::string_view{wire_->buffer}.substr(wire_->start); }  // header and payload
  std::string_view payload() const { return std::string_view{wire_->buffer}.substr(headroom); }
  Opcode opcode() const { return wire_->opcode; }
  const Delivery& delivery() const { return wire_->delivery; }

 private:
  struct Wire {
    std::string buffer;
    std::size_t start;
    Opcode opcode;
    Delivery delivery;
  };
  static Frame seal(std::string buffer, unsigned first_byte, Opcode, Delivery);
  explicit Frame(std::shared_ptr<const Wire> wire) : wire_(std::move(wire)) {}

  std::shared_ptr<const Wire> wire_;
};

}  // namespace hubbub

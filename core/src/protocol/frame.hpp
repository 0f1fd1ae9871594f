// One WebSocket message as it leaves the server: encoded once, immutable, shared by all its receivers on any thread.
//
// A server's frames are not masked (RFC 6455, 5.1), so the same bytes serve every connection. A frame also says what may
// happen to it if a reader is slow (see Delivery).
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <utility>

#include "protocol/tail.hpp"

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
  // The payload is the concatenation of `pieces`.
  static Frame of(std::initializer_list<std::string_view> pieces, Opcode = Opcode::text, Delivery = Delivery::must());
  static Frame copy(std::string_view payload, Opcode opcode = Opcode::text, Delivery delivery = Delivery::must()) {
    return of({payload}, opcode, delivery);
  }

  // `payload` must already be compressed for permessage-deflate (RFC 7692, 6.1); only for connections that negotiated it.
  static Frame deflated(std::string_view payload, Opcode, Delivery);

  static constexpr std::size_t overhead = 64;  // bytes

  // The bytes that the frame counts for in a reader's outbox; `overhead` keeps many tiny frames from counting for nothing.
  std::size_t weight() const { return wire_->size + overhead; }

  std::string_view bytes() const { return {wire_->tail(), wire_->size}; }  // header and payload
  std::string_view payload() const { return bytes().substr(wire_->header); }
  Opcode opcode() const { return wire_->opcode; }
  const Delivery& delivery() const { return wire_->delivery; }

 private:
  // Has the bytes as its tail, because a log may hold a great many frames.
  struct Wire final : WithTail<Wire> {
    Wire(std::size_t its_size, Delivery its_delivery, std::uint8_t its_header, Opcode its_opcode)
        : size(its_size), delivery(its_delivery), header(its_header), opcode(its_opcode) {}

    std::size_t size;  // of the bytes
    Delivery delivery;
    std::uint8_t header;  // how many of the bytes are the WebSocket header
    Opcode opcode;
  };

  static Frame make(std::initializer_list<std::string_view> pieces, unsigned first_byte, Opcode, Delivery);
  explicit Frame(std::shared_ptr<const Wire> wire) : wire_(std::move(wire)) {}

  std::shared_ptr<const Wire> wire_;
};

}  // namespace hubbub

// All bytes that one connection has not written yet, in the order in which they leave: first the rest of a frame that has been begun, then
// control frames, so that a pong does not wait for the outbox, then the outbox. No I/O; belongs to its connection.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/websocket/outbox.hpp"

namespace hubbub::net {

class Backlog {
 public:
  explicit Backlog(std::size_t bound) : outbox(bound) {}

  Outbox outbox;

  // Adds bytes that leave before the outbox, in the order of the calls.
  void control(std::string_view bytes);

  // Adds a pong frame, which counts against the outbox's bound. Of pongs that do not fit only the newest is sent (RFC 6455, 5.5.3).
  void pong(std::string frame);

  bool empty() const { return control_.empty() && !pong_ && outbox.empty(); }

  // As Outbox::peek() and Outbox::take(). `pieces` has room for two at least.
  std::size_t peek(std::span<std::string_view> pieces);
  void take(std::size_t bytes);

 private:
  std::string control_;
  std::size_t taken_ = 0;  // bytes of `control_` that have been written
  std::optional<std::string> pong_;  // a pong that did not fit; leaves behind `control_`
};

}  // namespace hubbub::net

#include "net/websocket/backlog.hpp"

#include <algorithm>
#include <utility>

namespace hubbub::net {

void Backlog::control(std::string_view bytes) { control_ += bytes; }

void Backlog::pong(std::string frame) {
  if (pong_ || !outbox.reserve(frame.size())) {
    pong_ = std::move(frame);
  } else {
    control_ += frame;
  }
}

std::size_t Backlog::peek(std::span<std::string_view> pieces) {
  if (control_.empty() && pong_) control_ = *std::exchange(pong_, {});
  if (control_.empty()) return outbox.peek(pieces);
  const auto control = std::string_view{control_}.substr(taken_);
  const auto queued = outbox.peek(pieces.subspan(1));
  pieces[0] = control;
  if (outbox.begun()) std::swap(pieces[0], pieces[1]);
  return queued + 1;
}

void Backlog::take(std::size_t bytes) {
  if (outbox.begun() && !control_.empty()) {
    std::string_view rest;
    outbox.peek({&rest, 1});
    const auto finished = std::min(bytes, rest.size());
    outbox.take(finished);
    bytes -= finished;
  }
  const auto of_control = std::min(bytes, control_.size() - taken_);
  taken_ += of_control;
  bytes -= of_control;
  if (taken_ == control_.size()) {
    control_.clear();
    taken_ = 0;
    outbox.release();
  }
  if (bytes != 0) outbox.take(bytes);
}

}  // namespace hubbub::net

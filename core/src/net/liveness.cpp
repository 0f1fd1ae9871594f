#include "net/liveness.hpp"

#include <utility>

namespace hubbub::net {

Liveness::Due Liveness::look(Clock::time_point now, const Patience& patience) {
  if (std::exchange(heard_, false)) {
    heard_at_ = now;
    pinged_at_.reset();
  }
  if (unfinished_ && !unfinished_since_) unfinished_since_ = now;
  if (unfinished_ && now - *unfinished_since_ >= patience.message_timeout) return Due::unfinished_message;
  if (pinged_at_) return now - *pinged_at_ >= patience.pong_timeout ? Due::no_pong : Due::nothing;
  if (now - heard_at_ < patience.ping_interval) return Due::nothing;
  pinged_at_ = now;
  return Due::ping;
}

}  // namespace hubbub::net

#include "net/liveness.hpp"

#include <utility>

namespace hubbub::net {

Liveness::Due Liveness::look(Clock::time_point time, const Patience& patience) {
  const auto now = ms(time);
  const auto passed = [now](std::uint32_t since, std::chrono::milliseconds limit) { return now - since >= limit.count(); };
  if (std::exchange(heard_, false)) {
    since_ = now;
    pinged_ = false;
  }
  if (unfinished_ && !std::exchange(timed_, true)) unfinished_since_ = now;
  if (unfinished_ && passed(unfinished_since_, patience.message_timeout)) return Due::unfinished_message;
  if (pinged_) return passed(since_, patience.pong_timeout) ? Due::no_pong : Due::nothing;
  if (!passed(since_, patience.ping_interval)) return Due::nothing;
  pinged_ = true;
  since_ = now;
  return Due::ping;
}

}  // namespace hubbub::net

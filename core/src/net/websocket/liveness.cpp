#include "net/websocket/liveness.hpp"

#include <algorithm>
#include <utility>

namespace hubbub::net {

Liveness::Due Liveness::look(Clock::time_point time, const Patience& patience) {
  const auto now = ms(time);
  const auto passed = [now](std::uint32_t since, std::chrono::milliseconds limit) { return now - since >= limit.count(); };
  if (std::exchange(heard_, false)) {
    since_ = now;
    if (asked_ != Asked::to_be_probed) asked_ = Asked::no;
  }
  if (unfinished_ && !std::exchange(timed_, true)) unfinished_since_ = now;
  if (unfinished_ && passed(unfinished_since_, patience.message_timeout)) return Due::unfinished_message;
  const auto ask = [&](Asked how) {
    asked_ = how;
    since_ = now;
    return Due::ping;
  };
  switch (asked_) {
    case Asked::no: return passed(since_, patience.ping_interval) ? ask(Asked::pinged) : Due::nothing;
    case Asked::to_be_probed: return ask(Asked::probed);
    case Asked::pinged: return passed(since_, patience.pong_timeout) ? Due::no_pong : Due::nothing;
    case Asked::probed: break;
  }
  return passed(since_, std::min(patience.pong_timeout, patience.probe_timeout)) ? Due::no_pong : Due::nothing;
}

}  // namespace hubbub::net

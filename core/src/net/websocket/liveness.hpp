// Decides when to ping a peer, when to give the peer up, and when one of its messages takes too long.
//
// The calls that report events are not told the time, so that events cost no look at the clock; only look() is. The decisions are as exact
// as the calls of look() are frequent. No I/O; belongs to one connection. There may be a great many connections, so times are 32 bits of
// milliseconds, whose differences are right for three weeks.
#pragma once

#include <chrono>
#include <cstdint>

namespace hubbub::net {

class Liveness {
 public:
  using Clock = std::chrono::steady_clock;

  struct Patience {
    std::chrono::milliseconds ping_interval, pong_timeout, message_timeout;  // at most a day
    std::chrono::milliseconds probe_timeout;  // replaces pong_timeout for a probed peer, if it is shorter
  };

  enum class Due { nothing, ping, no_pong, unfinished_message };

  explicit Liveness(Clock::time_point now) : since_(ms(now)) {}

  // The peer is there: bytes have come from it, or it takes what was sent to it.
  void heard() { heard_ = true; }

  // The next look() pings the peer, however recently it was heard.
  void probe() { asked_ = Asked::to_be_probed; }

  // Whether a message is incomplete.
  void in_message(bool unfinished) {
    unfinished_ = unfinished;
    timed_ = timed_ && unfinished;
  }
  // A message is complete; another may have begun since.
  void finished() { timed_ = false; }

  Due look(Clock::time_point now, const Patience& patience);

 private:
  static std::uint32_t ms(Clock::time_point time) {
    return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
  }

  enum class Asked : std::uint8_t { no, pinged, to_be_probed, probed };

  std::uint32_t since_;                 // when the peer was heard or pinged last
  std::uint32_t unfinished_since_ = 0;  // valid if timed_
  bool heard_ = false;                  // since the last look()
  Asked asked_ = Asked::no;             // until the peer has answered
  bool unfinished_ = false;
  bool timed_ = false;
};

}  // namespace hubbub::net

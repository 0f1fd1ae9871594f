// Whether a peer is there: when to ask it, when to give it up, and whether it has been at one message for too long.
//
// Told of events without the time, which only look() needs, so that the events cost nothing; look() is called now and
// then, and its answers are as exact as that is often. No I/O; belongs to one connection, of which there are many: times
// are 32 bits of milliseconds, whose differences hold for three weeks.
#pragma once

#include <chrono>
#include <cstdint>

namespace hubbub::net {

class Liveness {
 public:
  using Clock = std::chrono::steady_clock;

  struct Patience {
    std::chrono::milliseconds ping_interval, pong_timeout, message_timeout;  // at most a day
    std::chrono::milliseconds probe_timeout;  // in place of pong_timeout for one that is probed, if it is shorter
  };

  enum class Due { nothing, ping, no_pong, unfinished_message };

  explicit Liveness(Clock::time_point now) : since_(ms(now)) {}

  // Bytes have come: the peer is there.
  void heard() { heard_ = true; }

  // Ask it with the next look, whenever it was heard.
  void probe() { asked_ = Asked::to_be_probed; }

  // Whether a message has been begun and is not complete.
  void in_message(bool unfinished) {
    unfinished_ = unfinished;
    timed_ = timed_ && unfinished;
  }
  // One message was completed; another may have been begun since.
  void finished() { timed_ = false; }

  Due look(Clock::time_point now, const Patience& patience);

 private:
  static std::uint32_t ms(Clock::time_point time) {
    return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
  }

  enum class Asked : std::uint8_t { no, pinged, to_be_probed, probed };

  std::uint32_t since_;                 // it was heard, or asked
  std::uint32_t unfinished_since_ = 0;  // where timed_
  bool heard_ = false;                  // since the last look
  Asked asked_ = Asked::no;             // until it has answered
  bool unfinished_ = false;
  bool timed_ = false;
};

}  // namespace hubbub::net

// Whether a peer is there: when to ask it, when to give it up, and whether it has been at one message for too long.
//
// Told of events without the time, which only look() needs, so that the events cost nothing; look() is called now and
// then, and its answers are as exact as that is often. No I/O; belongs to one session.
#pragma once

#include <chrono>
#include <optional>

namespace hubbub::net {

class Liveness {
 public:
  using Clock = std::chrono::steady_clock;

  struct Patience {
    std::chrono::milliseconds ping_interval, pong_timeout, message_timeout;
  };

  enum class Due { nothing, ping, no_pong, unfinished_message };

  explicit Liveness(Clock::time_point now) : heard_at_(now) {}

  // Bytes have come: the peer is there, and may have begun a message.
  void heard() { heard_ = unfinished_ = true; }

  // A part of a message has come, or all of it.
  void continued() { unfinished_ = true; }
  void finished() {
    unfinished_ = false;
    unfinished_since_.reset();
  }

  Due look(Clock::time_point now, const Patience& patience);

 private:
  bool heard_ = false;       // since the last look
  bool unfinished_ = false;  // a message has been begun
  std::optional<Clock::time_point> unfinished_since_;
  Clock::time_point heard_at_;
  std::optional<Clock::time_point> pinged_at_;
};

}  // namespace hubbub::net

// At most `burst` at once, and `per_second` in the long run: of messages, or of their bytes. The bounds are the same in every
// call. It keeps one point in time: when the next one would be due if all came evenly. (The generic cell rate algorithm,
// ITU-T I.371, as virtual scheduling.)
#pragma once

#include <algorithm>
#include <chrono>

namespace hubbub::rooms {

class RateLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Zero if a message may go now, else how long to wait (at least 1 ms). A message may go as long as one unit is left, however
  // many it takes: the next one then waits for all of them, so that no message is too large to ever go.
  std::chrono::milliseconds wait(double per_second, double burst, Time now) const {
    const auto latest = now + duration((burst - 1) / per_second);
    if (due_ <= latest) return std::chrono::milliseconds{0};
    return std::chrono::floor<std::chrono::milliseconds>(due_ - latest) + std::chrono::milliseconds{1};
  }

  // Counts a message of so many units.
  void count(double units, double per_second, Time now) { due_ = std::max(due_, now) + duration(units / per_second); }

 private:
  static Time::duration duration(double seconds) {
    return std::chrono::duration_cast<Time::duration>(std::chrono::duration<double>{seconds});
  }

  Time due_{};
};

}  // namespace hubbub::rooms

// Allows `burst` units at once and `per_second` in the long run, where a unit is a message or a byte. These bounds must be the same in
// every call. It keeps one point in time: when the next unit would be due if all came evenly. (The generic cell rate algorithm,
// ITU-T I.371, as virtual scheduling.)
#pragma once

#include <algorithm>
#include <chrono>

namespace hubbub::rooms {

class RateLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Zero if a message may go now, else how long to wait (at least 1 ms). A message may go if one unit is left, however many units it
  // takes. The next message then waits for all of these, so no message is too large to ever go.
  std::chrono::milliseconds wait(double per_second, double burst, Time now) const {
    const auto latest = now + duration((burst - 1) / per_second);
    if (due_ <= latest) return std::chrono::milliseconds{0};
    return std::chrono::floor<std::chrono::milliseconds>(due_ - latest) + std::chrono::milliseconds{1};
  }

  // Counts a message that takes `units`.
  void count(double units, double per_second, Time now) { due_ = std::max(due_, now) + duration(units / per_second); }

 private:
  static Time::duration duration(double seconds) {
    return std::chrono::duration_cast<Time::duration>(std::chrono::duration<double>{seconds});
  }

  Time due_{};
};

}  // namespace hubbub::rooms

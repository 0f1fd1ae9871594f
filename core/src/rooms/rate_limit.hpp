// At most `burst` messages at once, and `per_second` in the long run; the same ones in every call. It keeps one point in time:
// when the next message would be due if they came evenly. (The generic cell rate algorithm, ITU-T I.371, as virtual scheduling.)
#pragma once

#include <algorithm>
#include <chrono>

namespace hubbub::rooms {

class RateLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Zero where a message may go, which is counted; or how long to wait (at least 1 ms).
  std::chrono::milliseconds take(double per_second, double burst, Time now) {
    using Seconds = std::chrono::duration<double>;
    const auto duration = [](Seconds time) { return std::chrono::duration_cast<Time::duration>(time); };
    const auto due = std::max(due_, now);
    const auto latest = now + duration(Seconds{(burst - 1) / per_second});
    if (due > latest) return std::chrono::floor<std::chrono::milliseconds>(due - latest) + std::chrono::milliseconds{1};
    due_ = due + duration(Seconds{1 / per_second});
    return std::chrono::milliseconds{0};
  }

 private:
  Time due_{};
};

}  // namespace hubbub::rooms

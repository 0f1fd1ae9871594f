// Limits work that can wait to a share of the time. After each piece of work, the next piece waits several times as long as that piece
// took. A little work after a pause is free. Pure arithmetic.
#pragma once

#include <algorithm>
#include <chrono>

namespace hubbub::rooms {

class TimeShare {
 public:
  using Duration = std::chrono::steady_clock::duration;
  using Time = std::chrono::steady_clock::time_point;

  // The work may take one part in `parts` of the time, and `free` at once after a pause.
  TimeShare(int parts, Duration free) : parts_(parts), free_(free) {}

  void spent(Duration time, Time now) { paid_ = std::max(paid_, now) + time * parts_; }

  // How long the work has to wait; zero if it may begin now.
  Duration wait(Time now) const { return std::max(paid_ - free_ * parts_ - now, Duration{}); }

 private:
  int parts_;
  Duration free_;
  Time paid_{};  // from then on, the time spent so far is no more than its share
};

}  // namespace hubbub::rooms

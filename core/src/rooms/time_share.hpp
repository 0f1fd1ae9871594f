// Keeps work that may be done a little later to a share of the time: what it took is waited for several times over, beyond a
// little that is free. Pure arithmetic.
#pragma once

#include <algorithm>
#include <chrono>

namespace hubbub::rooms {

class TimeShare {
 public:
  using Duration = std::chrono::steady_clock::duration;
  using Time = std::chrono::steady_clock::time_point;

  // One part in `parts` of the time, and `free` at once after a pause.
  TimeShare(int parts, Duration free) : parts_(parts), free_(free) {}

  void spent(Duration time, Time now) { paid_ = std::max(paid_, now) + time * parts_; }

  // How long to wait before there is time again; zero: there is.
  Duration wait(Time now) const { return std::max(paid_ - free_ * parts_ - now, Duration{}); }

 private:
  int parts_;
  Duration free_;
  Time paid_{};  // when all that was spent has had its time
};

}  // namespace hubbub::rooms

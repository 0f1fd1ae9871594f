// A token bucket: `burst` messages at once, `per_second` in the long run. (Turner 1986, "New directions in
// communications"; the leaky bucket as a meter.)
#pragma once

#include <algorithm>
#include <chrono>

namespace hubbub::rooms {

class RateLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;

  RateLimit(double per_second, double burst, Time now)
      : per_second_(per_second), burst_(burst), tokens_(burst), filled_(now) {}

  // Takes one token. Zero, or how long to wait for one (at least 1 ms).
  std::chrono::milliseconds take(Time now) {
    const std::chrono::duration<double> passed = now - filled_;
    tokens_ = std::min(burst_, tokens_ + passed.count() * per_second_);
    filled_ = now;
    if (tokens_ >= 1) {
      tokens_ -= 1;
      return std::chrono::milliseconds{0};
    }
    return std::chrono::milliseconds{1 + static_cast<std::int64_t>((1 - tokens_) / per_second_ * 1000)};
  }

 private:
  double per_second_;
  double burst_;
  double tokens_;
  Time filled_;
};

}  // namespace hubbub::rooms

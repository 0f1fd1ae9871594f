// A token bucket: `burst` messages at once, `per_second` in the long run; the same ones in every call. (Turner 1986, "New directions in
// communications"; the leaky bucket as a meter.)
#pragma once

#include <algorithm>
#include <chrono>

namespace hubbub::rooms {

class RateLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;

  RateLimit(double burst, Time now) : tokens_(burst), filled_(now) {}

  // Takes one token. Zero, or how long to wait for one (at least 1 ms).
  std::chrono::milliseconds take(double per_second, double burst, Time now) {
    const std::chrono::duration<double> passed = now - filled_;
    tokens_ = std::min(burst, tokens_ + passed.count() * per_second);
    filled_ = now;
    if (tokens_ >= 1) {
      tokens_ -= 1;
      return std::chrono::milliseconds{0};
    }
    return std::chrono::milliseconds{1 + static_cast<std::int64_t>((1 - tokens_) / per_second * 1000)};
  }

 private:
  double tokens_;
  Time filled_;
};

}  // namespace hubbub::rooms

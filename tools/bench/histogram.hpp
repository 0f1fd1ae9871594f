// Durations in buckets whose width grows with the duration: a percentile is at most 1.6 % too large, from nanoseconds to
// hours. Adding a duration costs next to nothing. Used on one thread.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace hubbub::bench {

class Histogram {
 public:
  void add(std::int64_t ns) {
    const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(ns, 0));
    ++buckets_[bucket(value)];
    ++count_;
    largest_ = std::max(largest_, value);
  }

  std::uint64_t count() const { return count_; }
  double max_us() const { return static_cast<double>(largest_) / 1000; }

  // The duration that this share of all durations (0 to 1) did not exceed; 0 if there are none.
  double percentile_us(double share) const {
    const auto wanted = std::max<double>(share * static_cast<double>(count_), 1);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (static_cast<double>(seen) >= wanted) return static_cast<double>(std::min(upper(i), largest_)) / 1000;
    }
    return 0;
  }

 private:
  // 64 buckets for each power of two; each value below 64 has its own.
  static constexpr unsigned bits = 6;

  static std::size_t bucket(std::uint64_t value) {
    const auto shift = static_cast<std::size_t>(std::bit_width(value | 1ull << bits)) - bits - 1;
    return (shift << bits) + (value >> shift);
  }

  static std::uint64_t upper(std::size_t bucket) {
    const auto shift = bucket < (2u << bits) ? 0 : (bucket >> bits) - 1;
    return ((bucket - (shift << bits) + 1) << shift) - 1;
  }

  std::array<std::uint64_t, (64 - bits + 1) << bits> buckets_{};
  std::uint64_t count_ = 0, largest_ = 0;
};

}  // namespace hubbub::bench

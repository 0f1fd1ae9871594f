// When to say that a file cannot be used, and that it can be again: once when it begins, seldom while it lasts, and its end only
// after it has worked for a while without a failure. A disk that is full takes one write and refuses the next, a hundred times
// in a row; that is one outage.
//
// Knows no clock: each call brings the time.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace hubbub::store {

class Outage {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  // `first_proof`: how long it must have worked.
  explicit Outage(Duration first_proof = std::chrono::seconds{5}) : first_proof_(first_proof) {}

  // What was tried failed. True if that is to be said now.
  bool failed(Time now) {
    works_since_.reset();
    if (!lasts_) {
      lasts_ = true;
      const bool relapse = ended_ && now - *ended_ < settled;
      proof_ = relapse ? std::min(2 * proof_, longest) : first_proof_;
      silence_ = first_silence;
    } else if (now - said_ < silence_) {
      return false;
    } else {
      silence_ = std::min(2 * silence_, longest);
    }
    said_ = now;
    return true;
  }

  void worked(Time now) {
    if (lasts_ && !works_since_) works_since_ = now;
  }

  // When the outage will have ended if nothing fails until then.
  std::optional<Time> end() const { return works_since_ ? std::optional{*works_since_ + proof_} : std::nullopt; }

  // True once, when the outage has ended.
  bool ended(Time now) {
    const auto when = end();
    if (!when || now < *when) return false;
    works_since_.reset();
    lasts_ = false;
    ended_ = now;
    return true;
  }

 private:
  static constexpr Duration first_silence = std::chrono::seconds{10};  // between two failures that are said
  static constexpr Duration longest = std::chrono::minutes{10};        // of both, which double
  static constexpr Duration settled = std::chrono::minutes{10};        // what fails later than that is another matter

  const Duration first_proof_;
  bool lasts_ = false;
  Time said_;
  Duration proof_ = first_proof_, silence_ = first_silence;
  std::optional<Time> works_since_, ended_;
};

}  // namespace hubbub::store

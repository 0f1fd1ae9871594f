// Decides when to log that a file cannot be used, and that it works again: at the first failure, then at growing intervals
// while the outage lasts, and once at its end. An outage ends after the file has worked for a while without a failure: a full
// disk may accept and refuse writes in turn a hundred times, and that is one outage.
//
// Reads no clock: each call is given the time.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace hubbub::store {

class Outage {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  // `first_proof`: how long the file must have worked until the first outage counts as over.
  explicit Outage(Duration first_proof = std::chrono::seconds{5}) : first_proof_(first_proof) {}

  // An operation failed. Returns true if that should be logged now.
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

  // An operation succeeded.
  void worked(Time now) {
    if (lasts_ && !works_since_) works_since_ = now;
  }

  // When the outage will be over if nothing fails until then; nothing if there is no outage or the file does not work yet.
  std::optional<Time> end() const { return works_since_ ? std::optional{*works_since_ + proof_} : std::nullopt; }

  // Returns true once, when the outage is over: that should be logged.
  bool ended(Time now) {
    const auto when = end();
    if (!when || now < *when) return false;
    works_since_.reset();
    lasts_ = false;
    ended_ = now;
    return true;
  }

 private:
  static constexpr Duration first_silence = std::chrono::seconds{10};  // between two logged failures; then it doubles
  static constexpr Duration longest = std::chrono::minutes{10};        // of silence and proof, which both double
  static constexpr Duration settled = std::chrono::minutes{10};        // an outage sooner after the previous one is a relapse

  const Duration first_proof_;
  bool lasts_ = false;
  Time said_;
  Duration proof_ = first_proof_, silence_ = first_silence;
  std::optional<Time> works_since_, ended_;
};

}  // namespace hubbub::store

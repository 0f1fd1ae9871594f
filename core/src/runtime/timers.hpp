// The timers of one shard, ordered by the time at which they are due. Used on its shard's thread only; no I/O.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>

#include "runtime/own_thread.hpp"
#include "runtime/shard.hpp"

namespace hubbub::runtime {

class Timers {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds longest = std::chrono::hours{24 * 365 * 100};  // a longer delay counts as this one

  // A timer that runs `task`. It must be destroyed before this object.
  std::unique_ptr<Timer> make(Task task);

  // The time until the next timer is due, rounded up to milliseconds; 0 if one is due; nothing if none is armed.
  std::optional<std::chrono::milliseconds> wait(Clock::time_point now) const;

  // Disarms the first timer that is due and returns its task, which may destroy the timer; null if none is due.
  std::shared_ptr<Task> take_due(Clock::time_point now);

  // The next thread that uses the timers is their thread from then on.
  void hand_over() { thread_.hand_over(); }

 private:
  class Armed;
  using Due = std::multimap<Clock::time_point, Armed*>;

  [[no_unique_address]] OwnThread thread_;
  Due due_;
};

}  // namespace hubbub::runtime

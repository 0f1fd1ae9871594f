// The timers of one shard, in the order in which they are due. Used on its thread alone; no I/O.
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

  // A timer that runs `task`; it is destroyed before these timers are.
  std::unique_ptr<Timer> make(Task task);

  // How long until the next one is due, in whole milliseconds, rounded up: 0 where one is; nothing where none is armed.
  std::optional<std::chrono::milliseconds> wait(Clock::time_point now) const;

  // The task of one that is due, which no longer is; null where there is none. It may destroy its timer.
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

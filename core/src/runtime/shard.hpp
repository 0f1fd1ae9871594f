// One thread of the server, as the rooms see it. Everything that belongs to a shard (its rooms, its connections, its side of an
// audience) is used on that thread only; other threads post tasks to it. IoShard implements it with an event loop; the tests'
// ManualShard implements it with a queue and a clock that the test moves.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "runtime/own_thread.hpp"

namespace hubbub::runtime {

using Task = std::function<void()>;

// An object that has output to write at the end of a shard's turn.
class TurnEnd {
 public:
  virtual void on_turn_end() = 0;

 protected:
  ~TurnEnd() = default;
};

// One timer, used on its shard's thread only and destroyed before its shard. Its destructor cancels it; its task may destroy it. Only
// making a timer needs memory, so a timer whose task arms it again never stops for want of memory.
class Timer {
 public:
  virtual ~Timer() = default;
  virtual void arm(std::chrono::milliseconds delay) = 0;  // fires once after `delay`, at most a century; replaces an earlier arm()
  virtual void cancel() = 0;
};

class Shard {
 public:
  virtual ~Shard() = default;

  // Runs `task` on this shard's thread, after all tasks that the same caller posted earlier. Any thread may call it.
  virtual void post(Task task) = 0;

  // Calls `writer` once, at the end of this turn, so that all messages for one receiver are written together. Must be called on
  // this shard's thread, and at most once a turn for each writer. A writer may ask again while it writes.
  virtual void at_end_of_turn(std::shared_ptr<TurnEnd> writer) = 0;

  // Whether the caller is on this shard's thread, and what that thread is called. Any thread may call them.
  virtual bool is_current() const = 0;
  virtual std::string name() const = 0;

  // Whether a plugin's call has hung on this shard's thread for long, so that tasks posted now may never run. Any thread.
  virtual bool hangs() const { return false; }

  // A timer that runs `task` on this shard's thread. Must be called on that thread.
  virtual std::unique_ptr<Timer> make_timer(Task task) = 0;

  // The steady clock, and the time of day in milliseconds since 1970 (UTC). Any thread may call them.
  virtual std::chrono::steady_clock::time_point now() const = 0;
  virtual std::int64_t unix_ms() const = 0;

  // Runs `call` at once if the caller is on this shard's thread, else posts it. Either way one caller's calls run in order.
  template <class Call>
  void run(Call call) {
    if (is_current()) {
      call();
    } else {
      post(std::move(call));
    }
  }
};

}  // namespace hubbub::runtime

// One thread of the server, as the rooms see it. Everything that belongs to a shard (its rooms, its connections, its side
// of an audience) is touched on that thread alone; other threads hand it tasks. IoShard implements it over an event loop, the
// tests over a queue and a clock of their own.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "runtime/own_thread.hpp"

namespace hubbub::runtime {

using Task = std::function<void()>;

// Somebody with output to write when a shard's turn ends.
class TurnEnd {
 public:
  virtual void on_turn_end() = 0;

 protected:
  ~TurnEnd() = default;
};

// One timer, used on its shard's thread alone. Destroying it, which its task may do, cancels it.
class Timer {
 public:
  virtual ~Timer() = default;
  virtual void arm(std::chrono::milliseconds delay) = 0;  // fires once after `delay`, replacing what was armed before
  virtual void cancel() = 0;
};

class Shard {
 public:
  virtual ~Shard() = default;

  // Runs `task` on this shard's thread, after all tasks posted earlier by the same caller. Any thread may call it.
  virtual void post(Task task) = 0;

  // Calls `writer` once, when all that this shard had to do now is done: so however many messages there are for somebody,
  // they are written together. Called on this shard's thread, by a writer that has not asked yet in this turn.
  virtual void at_end_of_turn(std::shared_ptr<TurnEnd> writer) = 0;

  // Whether the caller is on this shard's thread, and what that thread is called. Any thread may call them.
  virtual bool is_current() const = 0;
  virtual std::string name() const = 0;

  // Whether a plugin has not returned on this shard's thread for long, so that what is posted now may never run. Any thread.
  virtual bool hangs() const { return false; }

  // A timer that runs `task` on this shard's thread. Called on that thread.
  virtual std::unique_ptr<Timer> make_timer(Task task) = 0;

  // The steady clock, and the time of day as milliseconds since 1970 (UTC). Any thread may call them.
  virtual std::chrono::steady_clock::time_point now() const = 0;
  virtual std::int64_t unix_ms() const = 0;

  // Runs `task` here and now when called on this thread, else posts it: what one caller hands over stays in order.
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

// A shard without a thread, for tests: tasks run when the test says so, and time moves when the test moves it. Several manual
// shards in one test stand for several threads, whose tasks the test can interleave.
#pragma once

#include <deque>
#include <map>
#include <utility>

#include "runtime/shard.hpp"

namespace hubbub::testing {

class ManualShard final : public runtime::Shard {
 public:
  using Time = std::chrono::steady_clock::time_point;

  void post(runtime::Task task) override { tasks_.push_back(std::move(task)); }
  void at_end_of_turn(std::shared_ptr<runtime::TurnEnd> writer) override {
    HUBBUB_ASSERT_OWN_THREAD(*this);
    writers_.push_back(std::move(writer));
  }
  bool is_current() const override { return current_ == this; }
  std::string name() const override { return "manual shard"; }
  std::unique_ptr<runtime::Timer> make_timer(runtime::Task task) override;
  Time now() const override { return now_; }
  std::int64_t unix_ms() const override {
    return 1'700'000'000'000 + std::chrono::duration_cast<std::chrono::milliseconds>(now_ - Time{}).count();
  }

  // While one lives, the calling thread counts as this shard's thread. The outermost one of a shard is a turn, which ends with it.
  class Entered {
   public:
    explicit Entered(ManualShard& shard) : shard_(shard), before_(std::exchange(current_, &shard)), counts_as_(shard) {}
    Entered(const Entered&) = delete;
    Entered& operator=(const Entered&) = delete;
    ~Entered() {
      if (before_ != &shard_) shard_.end_turn();
      current_ = before_;
    }

   private:
    ManualShard& shard_;
    ManualShard* const before_;
    const runtime::CountsAs counts_as_;
  };

  // Runs `call`, and nothing else, as if on this shard's thread, in its own turn.
  template <class Call>
  decltype(auto) enter(Call&& call) {
    const Entered entered{*this};
    return call();
  }

  // Runs the oldest task; returns false if there is none.
  bool run_one();
  void run_all() {
    while (run_one()) {
    }
  }

  // Moves the clock forward by `time`, and fires timers and runs tasks on the way.
  void advance(std::chrono::milliseconds time);

  // Moves the clock forward and runs nothing: simulates work that takes this long.
  void pass(std::chrono::steady_clock::duration time) { now_ += time; }

  // The shard as which the calling thread counts; null if it counts as none.
  static ManualShard* current() { return current_; }

 private:
  class ManualTimer;
  void end_turn();

  inline static ManualShard* current_ = nullptr;
  Time now_{};
  std::deque<runtime::Task> tasks_;
  std::deque<std::shared_ptr<runtime::TurnEnd>> writers_;
  std::multimap<Time, ManualTimer*> armed_;
};

}  // namespace hubbub::testing

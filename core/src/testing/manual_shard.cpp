#include "testing/manual_shard.hpp"

#include <algorithm>

#include "runtime/timers.hpp"

namespace hubbub::testing {

class ManualShard::ManualTimer final : public runtime::Timer {
 public:
  ManualTimer(ManualShard& shard, runtime::Task task) : shard_(shard), task_(std::move(task)) {}
  ~ManualTimer() override { disarm(); }

  void arm(std::chrono::milliseconds delay) override {
    HUBBUB_ASSERT_OWN_THREAD(shard_);
    disarm();
    shard_.armed_.emplace(shard_.now_ + std::min(delay, runtime::Timers::longest), this);
  }
  void cancel() override { disarm(); }
  void fire() {
    const auto task = task_;  // a copy: the task may destroy the timer
    task();
  }

 private:
  void disarm() {
    std::erase_if(shard_.armed_, [this](const auto& armed) { return armed.second == this; });
  }

  ManualShard& shard_;
  runtime::Task task_;
};

std::unique_ptr<runtime::Timer> ManualShard::make_timer(runtime::Task task) {
  HUBBUB_ASSERT_OWN_THREAD(*this);
  return std::make_unique<ManualTimer>(*this, std::move(task));
}

void ManualShard::end_turn() {
  while (!writers_.empty()) {
    const auto writer = std::move(writers_.front());
    writers_.pop_front();
    writer->on_turn_end();
  }
}

bool ManualShard::run_one() {
  if (tasks_.empty()) return false;
  const auto task = std::move(tasks_.front());
  tasks_.pop_front();
  enter(task);
  return true;
}

void ManualShard::advance(std::chrono::milliseconds time) {
  const auto until = now_ + time;
  run_all();
  while (!armed_.empty() && armed_.begin()->first <= until) {
    const auto [due, timer] = *armed_.begin();
    armed_.erase(armed_.begin());
    now_ = std::max(now_, due);
    enter([timer = timer] { timer->fire(); });
    run_all();
  }
  now_ = std::max(now_, until);
}

}  // namespace hubbub::testing

#include "runtime/timers.hpp"

#include <algorithm>
#include <utility>

namespace hubbub::runtime {

class Timers::Armed final : public Timer {
 public:
  Armed(Due& due, Task task) : due_(due), task_(std::make_shared<Task>(std::move(task))) {}
  ~Armed() override { cancel(); }

  void arm(std::chrono::milliseconds delay) override {
    cancel();
    place_ = due_.emplace(Clock::now() + delay, this);
  }
  void cancel() override {
    if (place_ != due_.end()) due_.erase(std::exchange(place_, due_.end()));
  }

  const std::shared_ptr<Task>& task() const { return task_; }

 private:
  Due& due_;
  const std::shared_ptr<Task> task_;
  Due::iterator place_ = due_.end();
};

std::unique_ptr<Timer> Timers::make(Task task) { return std::make_unique<Armed>(due_, std::move(task)); }

std::optional<std::chrono::milliseconds> Timers::wait(Clock::time_point now) const {
  if (due_.empty()) return std::nullopt;
  return std::max(std::chrono::milliseconds{0}, std::chrono::ceil<std::chrono::milliseconds>(due_.begin()->first - now));
}

std::shared_ptr<Task> Timers::take_due(Clock::time_point now) {
  if (due_.empty() || due_.begin()->first > now) return nullptr;
  auto& timer = *due_.begin()->second;
  timer.cancel();
  return timer.task();
}

}  // namespace hubbub::runtime

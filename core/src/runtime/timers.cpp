#include "runtime/timers.hpp"

#include <algorithm>
#include <utility>

namespace hubbub::runtime {

class Timers::Armed final : public Timer {
 public:
  Armed(Timers& timers, Task task) : timers_(timers), task_(std::make_shared<Task>(std::move(task))) {
    Due made;
    made.emplace(Clock::time_point{}, this);
    node_ = made.extract(made.begin());
  }
  ~Armed() override { cancel(); }

  void arm(std::chrono::milliseconds delay) override {
    cancel();
    node_.key() = Clock::now() + std::min(delay, longest);
    place_ = timers_.due_.insert(std::move(node_));
  }
  void cancel() override {
    HUBBUB_ASSERT_OWN_THREAD(timers_.thread_);
    if (!node_) node_ = timers_.due_.extract(place_);
  }

  const std::shared_ptr<Task>& task() const { return task_; }

 private:
  Timers& timers_;
  const std::shared_ptr<Task> task_;
  Due::node_type node_;    // its entry among the due timers while it is not armed, kept so that arm() needs no memory
  Due::iterator place_{};  // of the entry while it is armed
};

std::unique_ptr<Timer> Timers::make(Task task) { return std::make_unique<Armed>(*this, std::move(task)); }

std::optional<std::chrono::milliseconds> Timers::wait(Clock::time_point now) const {
  if (due_.empty()) return std::nullopt;
  return std::max(std::chrono::milliseconds{0}, std::chrono::ceil<std::chrono::milliseconds>(due_.begin()->first - now));
}

std::shared_ptr<Task> Timers::take_due(Clock::time_point now) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  if (due_.empty() || due_.begin()->first > now) return nullptr;
  auto& timer = *due_.begin()->second;
  timer.cancel();
  return timer.task();
}

}  // namespace hubbub::runtime

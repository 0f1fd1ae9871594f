#include "runtime/io_shard.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "runtime/loop.hpp"

namespace hubbub::runtime {
namespace {

thread_local IoShard* current_shard = nullptr;

}  // namespace

// Collects the tasks that a turn posts to other shards, and hands them over at its end, so that each shard is woken once. Needs no memory
// for that: whoever posts learns at once if there is none.
class IoShard::Outgoing {
 public:
  explicit Outgoing(Loop& loop) : loop_(loop) {}

  void add(IoShard& to, Task task) {
    if (!collecting_) loop_.at_end_of_turn<&Outgoing::hand_over>(*this);
    collecting_ = true;
    auto found = std::ranges::find(tasks_, &to, &Entry::to);
    if (found == tasks_.end()) found = tasks_.insert(found, {&to, Loop::Batches(1)});
    found->tasks.front().push_back(std::move(task));
  }

  void hand_over() {
    collecting_ = false;
    for (auto& [to, tasks] : std::exchange(tasks_, {})) {
      to->loop_->post(std::move(tasks));
    }
  }

 private:
  struct Entry {
    IoShard* to;
    Loop::Batches tasks;  // one
  };

  Loop& loop_;
  bool collecting_ = false;
  std::vector<Entry> tasks_;
};

IoShard::IoShard(std::string name)
    : name_(std::move(name)), loop_(std::make_unique<Loop>()), outgoing_(std::make_unique<Outgoing>(*loop_)) {}

IoShard::~IoShard() {
  stop();
  join();
}

void IoShard::start() {
  thread_ = start_thread(name_, [this] {
    current_shard = this;
    record_ = Thread::current();
    loop_->run();
    record_ = nullptr;  // another thread may reuse the record
  });
}

void IoShard::stop() { loop_->stop(); }

void IoShard::join() {
  if (thread_.joinable()) thread_.join();
}

void IoShard::post(Task task) {
  auto* from = current_shard;
  if (from && from != this) {
    from->outgoing_->add(*this, std::move(task));
  } else {
    loop_->post(std::move(task));
  }
}

void IoShard::at_end_of_turn(std::shared_ptr<TurnEnd> writer) {
  loop_->write_batch_at_end_of_turn(std::move(writer));
}

bool IoShard::hangs() const {
  const auto* record = record_.load(std::memory_order_relaxed);
  return record && record->hangs();
}

bool IoShard::is_current() const { return current_shard == this; }

std::unique_ptr<Timer> IoShard::make_timer(Task task) {
  return loop_->timers().make(std::move(task));
}

std::int64_t IoShard::unix_ms() const {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count();
}

}  // namespace hubbub::runtime

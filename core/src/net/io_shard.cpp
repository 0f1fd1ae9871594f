#include "net/io_shard.hpp"

#include <pthread.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "net/loop.hpp"
#include "plugins/calls.hpp"
#include "plugins/last_words.hpp"

namespace hubbub::net {
namespace {

thread_local IoShard* current_shard = nullptr;

}  // namespace

// What a turn posts to other shards: handed over when it ends, so that each is woken once.
class IoShard::Outgoing final : public rooms::TurnEnd {
 public:
  explicit Outgoing(Loop& loop) : loop_(loop) {}

  void add(IoShard& to, rooms::Task task) {
    if (!std::exchange(collecting_, true)) loop_.at_end_of_turn(*this);
    auto found = std::ranges::find(tasks_, &to, &Entry::to);
    if (found == tasks_.end()) found = tasks_.insert(found, {&to, {}});
    found->tasks.push_back(std::move(task));
  }

  void on_turn_end() override {
    collecting_ = false;
    for (auto& [to, tasks] : std::exchange(tasks_, {})) {
      to->loop_->post(std::move(tasks));
    }
  }

 private:
  struct Entry {
    IoShard* to;
    std::vector<rooms::Task> tasks;
  };

  Loop& loop_;
  bool collecting_ = false;
  std::vector<Entry> tasks_;
};

IoShard::IoShard(unsigned number)
    : number_(number), loop_(std::make_unique<Loop>()), outgoing_(std::make_unique<Outgoing>(*loop_)) {}

IoShard::~IoShard() {
  stop();
  join();
}

void IoShard::start() {
  const plugins::OnlyFaults mask;  // which threads inherit. SIGPIPE counts too: it goes to the thread that writes.
  thread_ = std::thread{[this] {
    current_shard = this;
    calls_ = plugins::Thread::current();
    pthread_setname_np(pthread_self(), ("shard " + std::to_string(number_)).substr(0, 15).c_str());
    loop_->run();
  }};
}

void IoShard::stop() { loop_->stop(); }

void IoShard::join() {
  if (thread_.joinable()) thread_.join();
}

void IoShard::post(rooms::Task task) {
  auto* from = current_shard;
  if (from && from != this) {
    from->outgoing_->add(*this, std::move(task));
  } else {
    loop_->post(std::move(task));
  }
}

void IoShard::at_end_of_turn(std::shared_ptr<rooms::TurnEnd> writer) {
  loop_->write_batch_at_end_of_turn(std::move(writer));
}

bool IoShard::hangs() const {
  const auto* calls = calls_.load(std::memory_order_relaxed);
  return calls && calls->hangs();
}

bool IoShard::is_current() const { return current_shard == this; }

std::unique_ptr<rooms::Timer> IoShard::make_timer(rooms::Task task) {
  return loop_->timers().make(std::move(task));
}

std::int64_t IoShard::unix_ms() const {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count();
}

}  // namespace hubbub::net

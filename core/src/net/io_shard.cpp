#include "net/io_shard.hpp"

#include "net/asio.hpp"  // before the rest of Asio

#include <pthread.h>

#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <string>
#include <utility>

#include "net/loop.hpp"

namespace hubbub::net {
namespace {

thread_local const IoShard* current_shard = nullptr;

// Asio may call a timer's handler once more after it was cancelled, so the handler asks whether it is still meant.
class IoTimer final : public rooms::Timer {
 public:
  IoTimer(asio::io_context& context, rooms::Task task)
      : timer_(context), state_(std::make_shared<State>(State{std::move(task)})) {}

  void arm(std::chrono::milliseconds delay) override {
    timer_.expires_after(delay);
    timer_.async_wait([weak = std::weak_ptr{state_}, round = ++state_->round](const error_code&) {
      // Held while it runs: the task may destroy the timer.
      const auto state = weak.lock();
      if (state && state->round == round) state->task();
    });
  }

  void cancel() override {
    ++state_->round;
    timer_.cancel();
  }

 private:
  struct State {
    rooms::Task task;
    std::uint64_t round = 0;
  };

  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor> timer_;
  std::shared_ptr<State> state_;
};

}  // namespace

IoShard::IoShard(unsigned number) : number_(number), loop_(std::make_unique<Loop>()) {}

IoShard::~IoShard() {
  stop();
  join();
}

void IoShard::start() {
  // A thread inherits its signal mask. SIGPIPE counts too: it goes to the thread that writes.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  thread_ = std::thread{[this] {
    current_shard = this;
    pthread_setname_np(pthread_self(), ("shard " + std::to_string(number_)).substr(0, 15).c_str());
    loop_->run();
  }};
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void IoShard::stop() { loop_->stop(); }

void IoShard::join() {
  if (thread_.joinable()) thread_.join();
}

void IoShard::post(rooms::Task task) { asio::post(loop_->context(), std::move(task)); }

bool IoShard::is_current() const { return current_shard == this; }

std::unique_ptr<rooms::Timer> IoShard::make_timer(rooms::Task task) {
  return std::make_unique<IoTimer>(loop_->context(), std::move(task));
}

std::int64_t IoShard::unix_ms() const {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count();
}

}  // namespace hubbub::net

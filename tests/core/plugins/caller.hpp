// A thread in a plugin's call, for tests of what others make of that.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "plugins/calls.hpp"

namespace hubbub::plugins {

// A thread that is in one call after another, each until it is told to make the next. Between two of them nothing happens.
class Caller {
 public:
  explicit Caller(std::string room) : room_(std::move(room)) { go_on(1); }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;
  ~Caller() {
    go_on(ended);
    thread_.join();
  }

  void next() { go_on(wanted_ + 1); }
  void rest() { go_on(0); }  // in no call
  bool hangs() const { return its_->hangs(); }

 private:
  static constexpr int ended = -1;

  // To the call of this number and into it.
  void go_on(int number) {
    std::unique_lock lock{mutex_};
    wanted_ = number;
    changed_.notify_all();
    changed_.wait(lock, [&] { return in_ == number; });
  }
  int stay(int number) {
    std::unique_lock lock{mutex_};
    in_ = number;
    changed_.notify_all();
    changed_.wait(lock, [&] { return wanted_ != number || number == ended; });
    return wanted_;
  }
  int make(int number) {
    const std::string name = "call " + std::to_string(number);
    const Call call{"slow", "", &room_, name.c_str(), "type"};
    return stay(number);
  }
  void run() {
    its_ = runtime::Thread::current();
    for (int number = 1; number != ended;) number = number == 0 ? stay(0) : make(number);
    stay(ended);
  }

  const std::string room_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int wanted_ = 1, in_ = -2;
  runtime::Thread* its_ = nullptr;
  std::thread thread_{[this] { run(); }};
};

// Until what the watchdog does is done.
inline void wait_until(const std::function<bool()>& so) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (!so()) {
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error("waited in vain for the watchdog");
    std::this_thread::yield();
  }
}

}  // namespace hubbub::plugins

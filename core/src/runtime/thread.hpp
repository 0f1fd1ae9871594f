// The threads of the process as the server knows them: each has a record, which others may read, and a stack for the handlers of
// signals. Any thread may call all of this.
#pragma once

#include <pthread.h>

#include <atomic>
#include <csignal>
#include <cstddef>
#include <string>
#include <thread>
#include <utility>

namespace hubbub::runtime {

// While it is there, the calling thread takes no signals but its own faults, and the threads that it starts never do: other
// signals are for the main thread.
class OnlyFaults {
 public:
  OnlyFaults();
  ~OnlyFaults();
  OnlyFaults(const OnlyFaults&) = delete;
  OnlyFaults& operator=(const OnlyFaults&) = delete;

 private:
  sigset_t before_;
};

// The record of a thread. It stays where it is while the process lives; a thread that ends leaves it to another.
class Thread {
 public:
  static constexpr std::size_t most = 512;  // that have a record at the same time

  // The one of the calling thread; null if there are too many.
  static Thread* current();

  static Thread& at(std::size_t number);  // below `most`
  std::size_t number() const;  // below `most`, and no other thread's while this one runs

  // Whether it has been in one call for too long, as the watchdog says: what is handed to it now may never run.
  bool hangs() const { return hangs_.load(std::memory_order_relaxed); }
  void set_hangs(bool hangs) { hangs_.store(hangs, std::memory_order_relaxed); }

  // Leaves record and stack to nobody: the process ends in the middle of what this thread does, of which there is more to say.
  void keep() { is_kept_ = true; }

 private:
  friend struct ThreadLease;

  std::atomic<bool> taken_ = false;
  std::atomic<bool> hangs_ = false;
  bool is_kept_ = false;
};

// Starts a thread that leaves signals to others, SIGPIPE among them. Of the name the system keeps 15 characters.
template <class Call>
std::thread start_thread(const std::string& name, Call call) {
  const OnlyFaults mask;
  return std::thread{[name = name.substr(0, 15), call = std::move(call)]() mutable {
    pthread_setname_np(pthread_self(), name.c_str());
    call();
  }};
}

}  // namespace hubbub::runtime

// The server's threads. Each has a record, which other threads may read, and a separate stack for signal handlers. Any thread may
// call all of this.
#pragma once

#include <pthread.h>

#include <atomic>
#include <csignal>
#include <cstddef>
#include <string>
#include <thread>
#include <utility>

namespace hubbub::runtime {

// While it exists, the calling thread blocks all signals except its own faults. A thread that is started meanwhile blocks them for its
// whole life. The blocked signals are for the main thread.
class OnlyFaults {
 public:
  OnlyFaults();
  ~OnlyFaults();
  OnlyFaults(const OnlyFaults&) = delete;
  OnlyFaults& operator=(const OnlyFaults&) = delete;

 private:
  sigset_t before_;
};

// The record of a thread. Its address is valid as long as the process runs; when a thread ends, another may reuse its record.
class Thread {
 public:
  static constexpr std::size_t most = 512;  // threads with a record at the same time

  // The calling thread's record; null if there are too many threads.
  static Thread* current();

  static Thread& at(std::size_t number);  // below `most`
  std::size_t number() const;  // below `most`; unique among the running threads

  // Whether the watchdog has found the thread in one call for too long: tasks posted to it now may never run.
  bool hangs() const { return hangs_.load(std::memory_order_relaxed); }
  void set_hangs(bool hangs) { hangs_.store(hangs, std::memory_order_relaxed); }

  // Keeps record and stack even when the thread ends. For a process that is ending during this thread's call: the last words must
  // still be able to name that call.
  void keep() { is_kept_ = true; }

 private:
  friend struct ThreadLease;

  std::atomic<bool> taken_ = false;
  std::atomic<bool> hangs_ = false;
  bool is_kept_ = false;
};

// Starts a thread that blocks signals, SIGPIPE too. The name is cut to 15 characters, the most that the system keeps.
template <class Call>
std::thread start_thread(const std::string& name, Call call) {
  const OnlyFaults mask;
  return std::thread{[name = name.substr(0, 15), call = std::move(call)]() mutable {
    pthread_setname_np(pthread_self(), name.c_str());
    call();
  }};
}

}  // namespace hubbub::runtime

#include "runtime/thread.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>

namespace hubbub::runtime {
namespace {

constexpr std::size_t stack_for_signals = 32 * 1024;  // bytes, on top of what the system itself needs there

constinit std::array<Thread, Thread::most> threads{};
constinit thread_local Thread* mine = nullptr;

}  // namespace

OnlyFaults::OnlyFaults() {
  sigset_t most;
  sigfillset(&most);
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS}) sigdelset(&most, fault);  // if blocked, they would end the process without a word
  pthread_sigmask(SIG_BLOCK, &most, &before_);
}

OnlyFaults::~OnlyFaults() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

// What a thread holds until its end: its record, and a separate stack for signal handlers, which they need if the thread's own
// stack has overflowed.
struct ThreadLease {
  ThreadLease() {
    for (auto& thread : threads) {
      if (thread.taken_.exchange(true)) continue;
      mine = &thread;
      break;
    }
    stack_t now{};
    if (::sigaltstack(nullptr, &now) != 0 || (now.ss_flags & SS_DISABLE) == 0) return;  // a sanitizer has set one already
    const auto least = std::max<long>(::sysconf(_SC_SIGSTKSZ), 0);
    const auto size = static_cast<std::size_t>(least) + stack_for_signals;
    stack = std::make_unique<char[]>(size);
    const stack_t own{.ss_sp = stack.get(), .ss_flags = 0, .ss_size = size};
    ::sigaltstack(&own, nullptr);
  }
  ~ThreadLease() {
    if (mine && mine->is_kept_) {
      static_cast<void>(stack.release());
      return;
    }
    if (stack) {
      const stack_t none{.ss_sp = nullptr, .ss_flags = SS_DISABLE, .ss_size = 0};
      ::sigaltstack(&none, nullptr);
    }
    if (mine) std::exchange(mine, nullptr)->taken_.store(false);
  }
  ThreadLease(const ThreadLease&) = delete;
  ThreadLease& operator=(const ThreadLease&) = delete;

  std::unique_ptr<char[]> stack;
};

Thread* Thread::current() {
  thread_local const ThreadLease lease;
  return mine;
}

Thread& Thread::at(std::size_t number) { return threads[number]; }

std::size_t Thread::number() const { return static_cast<std::size_t>(this - threads.data()); }

}  // namespace hubbub::runtime

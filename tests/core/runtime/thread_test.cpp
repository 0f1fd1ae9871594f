// The records of the server's threads, and the signals that threads take.
#include "runtime/thread.hpp"

#include <gtest/gtest.h>
#include <pthread.h>

#include <csignal>
#include <future>
#include <thread>

namespace hubbub::runtime {
namespace {

TEST(Thread, gives_its_record_back_for_reuse) {
  Thread* first = nullptr;
  std::thread{[&] { first = Thread::current(); }}.join();
  bool again = false;
  for (int i = 0; i < 1000; ++i) {  // more than there are records
    std::thread{[&] {
      ASSERT_NE(Thread::current(), nullptr);
      again = again || Thread::current() == first;
    }}.join();
  }
  EXPECT_TRUE(again);
}

TEST(OnlyFaults, are_the_only_signals_of_a_thread_meanwhile_and_of_threads_it_starts_forever) {
  const auto blocked = [](int signal) {
    sigset_t now;
    pthread_sigmask(SIG_SETMASK, nullptr, &now);
    return sigismember(&now, signal) == 1;
  };
  std::promise<void> over;
  std::thread started;
  {
    const OnlyFaults mask;
    started = std::thread{[&, until = over.get_future()] {
      until.wait();
      EXPECT_TRUE(blocked(SIGTERM));
      EXPECT_FALSE(blocked(SIGSEGV));
    }};
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD}) EXPECT_TRUE(blocked(signal)) << signal;
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS}) EXPECT_FALSE(blocked(signal)) << signal;
  }
  over.set_value();
  started.join();
  EXPECT_FALSE(blocked(SIGTERM));
}

}  // namespace
}  // namespace hubbub::runtime

// Threads of the store: they leave signals to others.
#pragma once

#include <pthread.h>

#include <csignal>
#include <thread>
#include <utility>

namespace hubbub::store {

// Starts a thread of that name (15 characters at most).
template <class Call>
std::thread start_thread(const char* name, Call call) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  std::thread thread{[name, call = std::move(call)] {
    pthread_setname_np(pthread_self(), name);
    call();
  }};
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return thread;
}

}  // namespace hubbub::store

// Threads of the store: they leave signals to others.
#pragma once

#include <pthread.h>

#include <thread>
#include <utility>

#include "plugins/last_words.hpp"

namespace hubbub::store {

// Starts a thread of that name (15 characters at most).
template <class Call>
std::thread start_thread(const char* name, Call call) {
  const plugins::OnlyFaults mask;
  return std::thread{[name, call = std::move(call)] {
    pthread_setname_np(pthread_self(), name);
    call();
  }};
}

}  // namespace hubbub::store

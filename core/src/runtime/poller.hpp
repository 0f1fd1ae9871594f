// Tells which of a shard's descriptors can be read or written. One epoll set for all of them: an idle connection takes an entry in
// the kernel and nothing here. A client library that does its own I/O is watched for in the same way.
//
// Used on its shard's thread alone.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <span>

#include "runtime/descriptor.hpp"
#include "runtime/own_thread.hpp"

namespace hubbub::runtime {

// Whether a call on a socket that does not block failed only because it is not ready.
inline bool is_for_later(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

// What is watched for. That a descriptor has failed is always told, as something to read.
struct Interest {
  bool reading = false, writing = false;
};

class Poller {
 public:
  class Watcher {
   public:
    // The descriptor can be read or written. Called again as long as that is so and watched for.
    virtual void on_ready(bool readable, bool writable) = 0;

   protected:
    ~Watcher() = default;
  };

  Poller();  // throws std::system_error if there are no descriptors left

  // Watches `descriptor` until remove(). Throws std::system_error if the kernel has no room.
  void add(int descriptor, Watcher& watcher, Interest interest);
  void remove(int descriptor, Watcher& watcher);

  // What to watch for from now on. False if the kernel refuses.
  bool change(int descriptor, Watcher& watcher, Interest interest);

  // Watches a socket for reading that other threads watch, too: one of those that wait is told. Its interest cannot be changed. False
  // if the kernel has no room.
  bool add_shared(int socket, Watcher& watcher);

  // Watches an eventfd, of which each writing is told once, whether or not it is read.
  void add_alarm(int descriptor, Watcher& watcher);

  // Waits at most so many milliseconds until something is ready, -1: however long. Then there are watchers to tell, a bounded
  // number of them.
  void wait(int milliseconds);

  // Tells the next one. False: all have been told.
  bool tell_next();

  // The next thread that uses the poller is its thread from then on.
  void hand_over() { thread_.hand_over(); }

 private:
  bool control(int operation, int descriptor, Watcher& watcher, std::uint32_t events);

  [[no_unique_address]] OwnThread thread_;
  Descriptor set_;
  std::array<epoll_event, 512> events_;
  std::span<epoll_event> untold_;  // of those
};

}  // namespace hubbub::runtime

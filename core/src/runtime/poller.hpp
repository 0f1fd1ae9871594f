// Tells which of a shard's descriptors can be read or written. All share one epoll set: an idle connection takes an entry in the
// kernel and no memory here. Client libraries that do their own I/O can be watched in the same way.
//
// Used on its shard's thread only.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/descriptor.hpp"
#include "runtime/own_thread.hpp"

namespace hubbub::runtime {

// Whether a call on a non-blocking socket failed only because the socket is not ready.
inline bool is_for_later(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

// What to watch a descriptor for. A failure of the descriptor, such as a peer that has gone, is always reported, as readable, in each
// turn until the descriptor is removed.
struct Interest {
  bool reading = false, writing = false;
  bool operator==(const Interest&) const = default;
};

class Poller {
 public:
  class Watcher {
   public:
    // The descriptor can be read or written. Called again as long as that is the case and the interest is set. May add, change and
    // remove any descriptor, its own too: after remove() its watcher is not called for what was ready before.
    virtual void on_ready(bool readable, bool writable) = 0;

   protected:
    ~Watcher() = default;
  };

  Poller();  // throws std::system_error if there are no descriptors left

  // Watches `descriptor` until remove(), which must come before it is closed. Throws std::system_error if the kernel refuses.
  void add(int descriptor, Watcher& watcher, Interest interest);
  void remove(int descriptor, Watcher& watcher);

  // Replaces the interest. Returns false if the kernel refuses.
  bool change(int descriptor, Watcher& watcher, Interest interest);

  // Watches, for reading, a socket that other threads watch too: the kernel wakes one of the waiting threads. The interest cannot
  // be changed. Returns false if the kernel has no room.
  bool add_shared(int socket, Watcher& watcher);

  // Watches an eventfd: each write is reported once, whether or not it is read. Throws std::system_error if the kernel refuses.
  void add_alarm(int descriptor, Watcher& watcher);

  // Calls on_ready(false, false) of `watcher` after the next wait(), which then returns at once. For a watcher that has something to do
  // that the kernel does not know of. Must not be called again before that call.
  void tell_again(Watcher& watcher) {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    again_.push_back(&watcher);
  }

  // Waits until a descriptor is ready, at most this many milliseconds (-1: any time). Then call tell_next() until it returns
  // false; one wait() collects at most 512 events.
  void wait(int milliseconds);

  // Calls the next watcher. Returns false if all have been called. If the watcher throws, tell_next() does, and may be called again.
  bool tell_next();

  // The next thread that uses the poller is its thread from then on.
  void hand_over() { thread_.hand_over(); }

 private:
  bool control(int operation, int descriptor, Watcher& watcher, std::uint32_t events);

  [[no_unique_address]] OwnThread thread_;
  Descriptor set_;
  std::array<epoll_event, 512> events_;
  std::span<epoll_event> untold_;  // the events whose watchers have not been called yet
  std::vector<Watcher*> again_, telling_again_;  // given to tell_again() since the last wait(), and before it
};

}  // namespace hubbub::runtime

// Tells which of a shard's sockets can be read or written. One epoll set for all of them: an idle connection takes an entry in
// the kernel and nothing here.
//
// Used on its shard's thread alone.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <span>

#include "net/descriptor.hpp"
#include "rooms/shard.hpp"

namespace hubbub::net {

// Whether a call on a socket that does not block failed only because it is not ready.
inline bool is_for_later(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

class Poller {
 public:
  // It may also have output to write when a turn ends: one base for both, because there may be a great many watchers.
  class Watcher : public rooms::TurnEnd {
   public:
    // Something has happened to the socket, or is possible on it. Asked again as long as that is so.
    virtual void on_ready(bool readable, bool writable) = 0;

   protected:
    ~Watcher() = default;
  };

  Poller();  // throws std::system_error where there are no descriptors left

  // Watches `socket` for what can be read, until remove(). Throws std::system_error where the kernel has no room.
  void add(int socket, Watcher& watcher);
  void remove(int socket, Watcher& watcher);

  // Likewise a socket that other threads watch, too: one of those that are waiting is told. It can be removed, but not be watched
  // for anything else. False where the kernel has no room.
  bool add_shared(int socket, Watcher& watcher);

  // Likewise an eventfd, of which each writing is told once, read or not.
  void add_alarm(int descriptor, Watcher& watcher);

  // What to watch for from now on. That the socket has failed is always told, as something to read. False where the kernel
  // will not.
  bool watch(int socket, Watcher& watcher, bool readable, bool writable);

  // Waits at most so many milliseconds until something is ready, -1: however long. Then there are watchers to tell, a bounded
  // number of them.
  void wait(int milliseconds);

  // Tells the next one. False: all have been told.
  bool tell_next();

 private:
  bool control(int operation, int socket, Watcher& watcher, std::uint32_t events);

  Descriptor set_;
  std::array<epoll_event, 512> events_;
  std::span<epoll_event> untold_;  // of those
};

}  // namespace hubbub::net

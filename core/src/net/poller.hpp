// Tells which of a shard's WebSocket connections can be read or written. One epoll set for all of them, which the event loop
// watches as one descriptor: so an idle connection takes an entry in the kernel and nothing here.
//
// Used on its shard's thread alone.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <span>

#include "net/descriptor.hpp"
#include "rooms/shard.hpp"

namespace hubbub::net {

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

  int descriptor() const { return set_.get(); }

  // Watches `socket` for what can be read, until remove(). Throws std::system_error where the kernel has no room.
  void add(int socket, Watcher& watcher);
  void remove(int socket, Watcher& watcher);

  // Whether to watch for room to write, too. False where the kernel will not.
  bool watch_writable(int socket, Watcher& watcher, bool wanted);

  // Tells the watchers what is ready now, a bounded number of them; false where nothing was.
  bool poll();

 private:
  bool control(int operation, int socket, Watcher& watcher, std::uint32_t events);

  Descriptor set_;
  std::array<epoll_event, 512> events_;
  std::span<epoll_event> untold_;  // of the poll that is going on
};

}  // namespace hubbub::net

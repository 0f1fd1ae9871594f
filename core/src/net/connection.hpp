// A client's connection, as its shard's Connections see it: an HTTP session, or the WebSocket connection that has taken its place. Used
// on its shard's thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "net/connection_count.hpp"
#include "protocol/close_code.hpp"
#include "runtime/poller.hpp"

namespace hubbub::net {

// What stays the same when a connection is upgraded.
struct Identity {
  std::uint64_t number;  // in every log line about the connection; unique while the server runs
  ConnectionCount::Slot slot;
};

// A connection is also the poller's watcher: one base for both saves memory, because there may be a great many.
class Connection : public runtime::Poller::Watcher {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Connection(std::uint64_t number) : number_(number) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Does what is due at `now`: pings a silent client, closes a connection that has missed a deadline. Called at least once a second.
  virtual void sweep(Clock::time_point now) = 0;

  // The server is stopping: closes the connection politely if possible.
  virtual void dismiss(CloseCode code, std::string_view reason) = 0;

  // Ends the connection at once.
  virtual void cut() = 0;

 protected:
  ~Connection() = default;

  std::uint64_t number() const { return number_; }

 private:
  friend class Connections;
  const std::uint64_t number_;
  std::uint32_t row_ = 0;  // index among the connections of the shard
};

}  // namespace hubbub::net

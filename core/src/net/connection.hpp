// One client, from its being accepted to its end: first an HTTP session, then perhaps a WebSocket connection in its place.
// This is what its shard's Connections know of it. Used on its shard's thread.
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
  std::uint64_t number;  // in every log line on the connection; never used twice while the server runs
  ConnectionCount::Place place;
};

// It is the poller's watcher, too: one base for both, because there may be a great many.
class Connection : public runtime::Poller::Watcher {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Connection(std::uint64_t number) : number_(number) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Does what is due by now: asks for a sign of life, gives up on who is overdue. Called at least once a second.
  virtual void sweep(Clock::time_point now) = 0;

  // The server is going: ends politely what can be.
  virtual void dismiss(CloseCode code, std::string_view reason) = 0;

  // Ends at once.
  virtual void cut() = 0;

 protected:
  ~Connection() = default;

  std::uint64_t number() const { return number_; }

 private:
  friend class Connections;
  const std::uint64_t number_;
  std::uint32_t row_ = 0;  // its place among the connections of its shard
};

}  // namespace hubbub::net

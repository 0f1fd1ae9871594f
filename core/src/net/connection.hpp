// One client, from its being accepted to its end: first an HTTP session, then perhaps a WebSocket connection in its place.
// This is what its shard's Connections know of it. Used on its shard's thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "net/connection_count.hpp"
#include "protocol/close_code.hpp"

namespace hubbub::net {

// What stays the same when a connection is upgraded.
struct Identity {
  std::uint64_t number;  // in every log line on the connection; never used twice while the server runs
  ConnectionCount::Place place;
};

class Connection {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Connection(Identity identity) : identity_(std::move(identity)) {}
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

  std::uint64_t number() const { return identity_.number; }

  Identity identity_;

 private:
  friend class Connections;
  std::uint32_t row_ = 0;  // its place among the connections of its shard
};

}  // namespace hubbub::net

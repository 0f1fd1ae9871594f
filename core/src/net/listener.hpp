// Listens on one address and hands each connection to the next shard in turn.
//
// Runs on the first shard's thread; start() and stop() may be called from any. Beyond the limit of connections, a client
// is told 503 and closed; where the process has no descriptors left, clients wait in the kernel's queue until it has.
// The connections outlive it, and it is destroyed after their shards have been joined.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "net/connection_count.hpp"
#include "net/connections.hpp"

namespace hubbub::net {

class Listener {
 public:
  // `host` is an IPv4 or IPv6 address; port 0 takes a free one. Clients can connect once this returns, and are served
  // after start(). Throws std::runtime_error with a message for the user.
  Listener(const std::string& host, std::uint16_t port, std::vector<Connections*> shards, ConnectionCount& count);
  ~Listener();

  std::uint16_t port() const;

  void start();

  // Closes the port. A connection that is being accepted at this moment may still be handed over.
  void stop();

 private:
  class Acceptor;
  std::unique_ptr<Acceptor> acceptor_;
};

}  // namespace hubbub::net

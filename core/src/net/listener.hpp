// Listens on one address and hands each connection to the next shard in turn.
//
// Every shard accepts: the shard that is idle first takes the client. A shard that hangs (see Shard) gets no connections. A client beyond
// the limit of connections gets 503 in plain HTTP, even if the other connections use TLS, and is closed. If the process has no descriptors
// left, clients wait in the kernel's queue.
//
// start(), stop() and rescue() may be called from any thread. The listener is destroyed before the Connections, and after their shards have
// been joined.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/connection_count.hpp"
#include "net/connections.hpp"
#include "net/stream.hpp"

namespace hubbub::net {

// Makes the stream of a connection that has been accepted. Any thread.
using MakeStream = std::function<Stream(runtime::Descriptor accepted)>;

inline Stream plain(runtime::Descriptor accepted) { return Stream{std::move(accepted)}; }

class Listener {
 public:
  // `host` is an IPv4 or IPv6 address; port 0 takes a free one. Clients can connect once this returns, and are served
  // after start(). Throws std::runtime_error with a message for the user.
  Listener(const std::string& host, std::uint16_t port, std::vector<Connections*> shards, ConnectionCount& count,
           MakeStream make_stream = plain);
  ~Listener();

  std::uint16_t port() const;

  void start();

  // Hands the connections that wait for hanging shards to other shards.
  void rescue();

  // Closes the port. A connection that is being accepted at this moment may still be handed over.
  void stop();

 private:
  class Door;
  class Acceptor;
  std::unique_ptr<Door> door_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;  // one for each shard
};

}  // namespace hubbub::net

// All connections of one shard: takes new ones from the listener, looks after their deadlines with one timer for all of
// them, and ends them when the server goes.
//
// Made before its shard starts and destroyed after it has been joined; shard, site and settings outlive it. To stop:
// close_all(), wait for the ConnectionCount as long as wanted, cut_all(), then stop and join the shard.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "net/connection_count.hpp"
#include "net/descriptor.hpp"
#include "net/http.hpp"
#include "net/io_shard.hpp"
#include "protocol/close_code.hpp"

namespace hubbub::config {
struct Http;
struct Websocket;
}  // namespace hubbub::config

namespace hubbub::net {

class Connection;

class Connections {
 public:
  Connections(IoShard& shard, Site& site, const config::Http& http, const config::Websocket& websocket);
  ~Connections();

  // For any thread.

  // Serves an accepted socket.
  void adopt(Descriptor socket, ConnectionCount::Place place);

  // Closes every WebSocket with `code` and every HTTP connection after what it is answering; new ones are dropped.
  void close_all(CloseCode code, std::string reason);

  // Ends every connection at once; their handlers are told.
  void cut_all();

  // For the sessions, on the shard's thread.

  void add(std::shared_ptr<Connection> connection);
  void remove(Connection& connection);

  IoShard& shard() { return shard_; }
  Site& site() { return site_; }
  const config::Http& http() const { return http_; }
  const config::Websocket& websocket() const { return websocket_; }

 private:
  template <class Call>
  void for_each(Call call);
  void sweep();

  IoShard& shard_;
  Site& site_;
  const config::Http& http_;
  const config::Websocket& websocket_;
  const std::chrono::milliseconds sweep_interval_;
  bool closing_ = false;
  std::vector<std::shared_ptr<Connection>> rows_;
  std::unique_ptr<rooms::Timer> sweeper_;  // made with the first connection
};

}  // namespace hubbub::net

// All connections of one shard: takes new ones from the listener, looks after their deadlines with one timer for all of
// them, and ends them when the server goes.
//
// Made before its shard starts and destroyed after it has been joined; shard, site and settings outlive it. To stop:
// close_all(), wait for the ConnectionCount as long as wanted, cut_all(), then stop and join the shard.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "net/address.hpp"
#include "net/connection_count.hpp"
#include "net/http.hpp"
#include "net/stream.hpp"
#include "protocol/close_code.hpp"
#include "runtime/io_shard.hpp"

namespace hubbub::config {
struct Http;
struct Websocket;
}  // namespace hubbub::config

namespace hubbub::net {

class Connection;
class Deflated;
class Deflater;
class Inflater;
struct Accepted;
struct Identity;

// A connection that has been accepted.
struct Incoming {
  Stream stream;
  Address peer;
  ConnectionCount::Place place;
};

class Connections {
 public:
  Connections(runtime::IoShard& shard, Site& site, const config::Http& http, const config::Websocket& websocket);
  ~Connections();

  // Tells it of all shards' connections, its own included, so that one can move (see Upgrade). Before their shards start.
  void introduce(std::vector<Connections*> all) { all_ = std::move(all); }

  // For any thread.

  // Serves a connection that has been accepted, as soon as its shard comes to it.
  void adopt(Incoming incoming);

  // What has been adopted and is not served yet, to be adopted by others: the shard hangs.
  using Waiting = std::deque<Incoming>;
  Waiting take_back();

  // Closes every WebSocket with `code` and every HTTP connection after what it is answering; new ones are dropped.
  void close_all(CloseCode code, std::string reason);

  // Ends every connection at once; their handlers are told.
  void cut_all();

  // For the sessions, on the shard's thread.

  // From add() to remove() the connection stays where it is, and its place in the count is kept here. It belongs to itself, and
  // goes by way of runtime::Loop::dispose().
  void add(Connection& connection, ConnectionCount::Place place);
  [[nodiscard]] ConnectionCount::Place remove(Connection& connection);

  // Makes a WebSocket of what was an HTTP session, on the shard that `upgrade` wants.
  void upgrade(Stream stream, Identity identity, Accepted accepted, std::string early, Upgrade upgrade);

  // What compresses and inflates for all of this shard's connections.
  Inflater& inflater() { return *inflater_; }
  Deflater& deflater() { return *deflater_; }
  Deflated& deflated() { return *deflated_; }

  runtime::IoShard& shard() { return shard_; }
  runtime::Loop& loop() { return shard_.loop(); }
  Site& site() { return site_; }
  const config::Http& http() const { return http_; }
  const config::Websocket& websocket() const { return websocket_; }

 private:
  void serve_next();
  template <class Call>
  void for_each(Call call);
  void sweep();

  runtime::IoShard& shard_;
  Site& site_;
  const config::Http& http_;
  const config::Websocket& websocket_;
  const std::chrono::milliseconds sweep_interval_;
  bool closing_ = false;
  std::mutex mutex_;
  Waiting waiting_;  // under the mutex; there is a task for each
  std::vector<Connections*> all_;
  std::vector<Connection*> rows_;
  ConnectionCount::Places places_;  // one for each row
  std::unique_ptr<Inflater> inflater_;  // where compression is on
  std::unique_ptr<Deflater> deflater_;
  std::unique_ptr<Deflated> deflated_;
  std::unique_ptr<runtime::Timer> sweeper_;  // made with the first connection
};

}  // namespace hubbub::net

// All connections of one shard: takes new ones from the listener, checks their deadlines with one timer for all, and ends them when the
// server stops.
//
// Made before its shard starts and destroyed after it has been joined; the shard outlives it. To stop:
// close_all(), wait for the ConnectionCount as long as wanted, cut_all(), then stop and join the shard.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "net/address.hpp"
#include "net/connection_count.hpp"
#include "net/stream.hpp"
#include "protocol/close_code.hpp"
#include "runtime/io_shard.hpp"

namespace hubbub::net {

class Connection;

// A connection that has been accepted.
struct Incoming {
  Stream stream;
  Address peer;
  ConnectionCount::Slot slot;
};

class Connections {
 public:
  // Begins to serve what has been accepted, by way of add(), under a number that its log lines carry. Called on the shard's thread. What
  // it throws is logged, and ends this connection alone.
  using Serve = std::function<void(Incoming incoming, std::uint64_t number)>;

  // Sweeps so often that a deadline of the length `shortest` is kept within a quarter of itself.
  Connections(runtime::IoShard& shard, Serve serve, std::chrono::milliseconds shortest);
  ~Connections();

  // For any thread.

  // Serves a connection that has been accepted, as soon as its shard comes to it.
  void adopt(Incoming incoming);

  // Returns the connections that have been adopted and are not served yet, because the shard hangs. Others can adopt them.
  using Waiting = std::deque<Incoming>;
  Waiting take_back();

  // Closes every WebSocket with `code` and every HTTP connection after what it is answering; new ones are dropped.
  void close_all(CloseCode code, std::string reason);

  // Ends every connection at once; their handlers are told.
  void cut_all();

  // For the sessions, on the shard's thread.

  // From add() to remove() the connection must stay at its address, and its slot in the count is kept here. A connection owns itself,
  // and is destroyed by way of runtime::Loop::dispose().
  void add(Connection& connection, ConnectionCount::Slot slot);
  [[nodiscard]] ConnectionCount::Slot remove(Connection& connection);

  // Whether close_all() or cut_all() has been called: no connection is added any more.
  bool is_closing() const { return closing_; }

  runtime::IoShard& shard() { return shard_; }
  runtime::Loop& loop() { return shard_.loop(); }

 private:
  void serve_next();
  template <class Call>
  void for_each(Call call);
  void sweep();

  runtime::IoShard& shard_;
  const Serve serve_;
  const std::chrono::milliseconds sweep_interval_;
  bool closing_ = false;
  std::mutex mutex_;
  Waiting waiting_;  // under the mutex; there is a task for each
  std::vector<Connection*> rows_;
  ConnectionCount::Slots slots_;  // one for each row
  std::unique_ptr<runtime::Timer> sweeper_;  // made with the first connection
};

}  // namespace hubbub::net

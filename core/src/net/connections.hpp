// All connections of one shard: takes new ones from the listener, checks their deadlines with one timer for all, and ends them when the
// server stops.
//
// Made before the shard starts and destroyed after the shard has been joined; the shard outlives them. To stop: close_all(), wait for the
// ConnectionCount as long as wanted, cut_all(), then stop and join the shard.
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
#include "runtime/occasional.hpp"

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
  // Begins to serve an accepted connection, and adds it with add(). `number` is the connection's number in the log. Called on the shard's
  // thread. An exception is logged, and ends this connection only.
  using Serve = std::function<void(Incoming incoming, std::uint64_t number)>;

  // `shortest` is the shortest deadline of a connection. All deadlines are checked at intervals of a quarter of it, but of 5 ms at least
  // and 1 s at most.
  Connections(runtime::IoShard& shard, Serve serve, std::chrono::milliseconds shortest);
  ~Connections();

  // For any thread.

  // Serves an accepted connection as soon as the shard's thread gets to it.
  void adopt(Incoming incoming);

  // Returns the adopted connections that are not served yet because the shard hangs, so that others can adopt them.
  using Waiting = std::deque<Incoming>;
  Waiting take_back();

  // Closes every WebSocket with `code`, and every HTTP connection after its current answer. Connections that are adopted later are dropped.
  void close_all(CloseCode code, std::string reason);

  // Ends every connection at once, and tells their handlers. Connections that are adopted later are dropped.
  void cut_all();

  // For the connections, on the shard's thread.

  // From add() to remove(), the connection must stay at its address, and its slot in the count is kept here. A connection owns itself:
  // after remove() it has runtime::Loop::dispose() destroy it. If add() throws, the connection has not been added.
  void add(Connection& connection, ConnectionCount::Slot slot);
  [[nodiscard]] ConnectionCount::Slot remove(Connection& connection);

  // Whether close_all() or cut_all() has been called: no connection is added any more.
  bool is_closing() const {
    HUBBUB_ASSERT_OWN_THREAD(shard_);
    return closing_;
  }

  // Bound the lines of the log that strangers can cause as often as they connect, each kind of line by itself.
  struct Lines {
    runtime::Occasional violation, slow_reader, late_answer, not_served;
  };
  Lines& lines() { return lines_; }

  runtime::IoShard& shard() { return shard_; }
  runtime::Loop& loop() { return shard_.loop(); }

 private:
  void serve_waiting();
  template <class Call>
  void for_each(Call call);
  void sweep();

  runtime::IoShard& shard_;
  const Serve serve_;
  const std::chrono::milliseconds sweep_interval_;
  bool closing_ = false;
  Lines lines_;
  std::mutex mutex_;
  Waiting waiting_;  // under the mutex; a task serves them, unless they have been taken back
  std::vector<Connection*> rows_;
  ConnectionCount::Slots slots_;  // one for each row
  std::unique_ptr<runtime::Timer> sweeper_;  // made with the first connection
};

}  // namespace hubbub::net

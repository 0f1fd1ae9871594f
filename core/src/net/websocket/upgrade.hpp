// The hinge between HTTP and WebSockets: how the connection of a request becomes a WebSocket connection. This is the only file of
// net/websocket that net/http includes; net/websocket includes none of net/http.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/websocket/handshake.hpp"
#include "protocol/frame.hpp"
#include "protocol/sink.hpp"

namespace hubbub::config {
struct Websocket;
}

namespace hubbub::runtime {
class IoShard;
class Loop;
}  // namespace hubbub::runtime

namespace hubbub::net {

class Connections;
class Deflated;
class Deflater;
class Inflater;
class Stream;
struct Identity;

// Sits on one WebSocket connection: is told its complete messages, and that it ended. Lives and is called on its shard's
// thread, never from within a call on the sink, and is destroyed right after on_close. What it throws is logged, and
// closes its connection with `internal`.
class SessionHandler {
 public:
  virtual ~SessionHandler() = default;
  virtual void on_message(std::string_view payload, Opcode opcode) = 0;  // text has been checked to be UTF-8
  // Called at most once: nothing more will come from the client, which has closed, or broken the protocol. True if the
  // handler closes the sink with `code` once all that the client said before has been answered; false if it has been.
  virtual bool on_last(CloseCode code) {
    static_cast<void>(code);
    return false;
  }
  // Called once, as soon as no more messages will come and no more frames are taken, whoever began the closing. What the
  // sink was given still leaves; the sink is gone after this returns.
  virtual void on_close() = 0;
};

// The answer to a request with `websocket` set. `open` is called once the handshake has been answered, on the shard on which
// the connection is to live, and may use the sink at once.
struct Upgrade {
  std::string subprotocol;  // the one chosen, or empty
  std::function<std::unique_ptr<SessionHandler>(Sink& sink)> open;
  std::optional<std::size_t> shard = {};  // by its place among all (see Websockets::introduce); nothing: its current one
};

// The WebSocket connections of one shard, and what they share. Made before its shard starts and destroyed after it has been joined, and
// after the last of `connections`; the settings outlive it. Used on the shard's thread.
class Websockets {
 public:
  Websockets(runtime::IoShard& shard, Connections& connections, const config::Websocket& settings);
  ~Websockets();

  // Tells it of all shards' WebSockets, its own included, so that a connection can move. Before their shards start.
  void introduce(std::vector<Websockets*> all) { all_ = std::move(all); }

  // Accepts a handshake without a problem (see handshake_problem()), on the shard that `upgrade` wants. `early` is what the client sent
  // right behind its handshake. Called on the stream's current shard.
  void upgrade(Stream stream, Identity identity, const HeaderLookup& header, std::string early, Upgrade upgrade);

  // For the connections.
  Connections& connections() { return connections_; }
  runtime::Loop& loop() { return loop_; }
  const config::Websocket& settings() const { return settings_; }
  Inflater& inflater() { return *inflater_; }
  Deflater& deflater() { return *deflater_; }
  Deflated& deflated() { return *deflated_; }

 private:
  runtime::IoShard& shard_;
  runtime::Loop& loop_;
  Connections& connections_;
  const config::Websocket& settings_;
  std::vector<Websockets*> all_;
  std::unique_ptr<Inflater> inflater_;  // if compression is on
  std::unique_ptr<Deflater> deflater_;
  std::unique_ptr<Deflated> deflated_;
};

}  // namespace hubbub::net

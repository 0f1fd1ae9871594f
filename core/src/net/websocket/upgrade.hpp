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
#include "protocol/message_handler.hpp"
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

// The answer to a request whose `websocket` is true. `open` is called once the handshake has been answered, on the shard on which
// the connection is to live, and may use the sink at once.
struct Upgrade {
  std::string subprotocol;  // the one chosen, or empty
  std::function<std::unique_ptr<MessageHandler>(Sink& sink)> open;
  std::optional<std::size_t> shard = {};  // its index, see Websockets::introduce(); nothing: the current one
};

// The WebSocket connections of one shard, and what they share. Made before its shard starts and destroyed after it has been joined, and
// after the last of `connections`; the settings outlive it. Used on the shard's thread.
class Websockets {
 public:
  Websockets(runtime::IoShard& shard, Connections& connections, const config::Websocket& settings);
  ~Websockets();

  // `all` has the WebSockets of every shard, these included, so that a connection can move. Before the shards start.
  void introduce(std::vector<Websockets*> all) { all_ = std::move(all); }

  // Accepts a handshake that handshake_problem() finds nothing wrong with, and moves the connection to the shard that `upgrade` names.
  // `early` has the bytes that the client sent right behind its handshake. Called on the stream's current shard.
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

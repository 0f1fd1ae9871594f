// What the net floor asks of whoever answers requests: one function from a request to an answer, free of any library's
// types. An answer is a response, or the decision to upgrade the connection to a WebSocket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "net/address.hpp"
#include "protocol/frame.hpp"
#include "protocol/sink.hpp"
#include "runtime/descriptor.hpp"

namespace hubbub::net {

// A request that has been read whole. Views are valid during the call only.
struct Request {
  std::string_view method;  // "GET", "HEAD", …
  std::string_view target;  // path and query, still percent-encoded; "*" of OPTIONS, an authority of CONNECT
  std::function<std::string_view(std::string_view name)> header;  // empty where there is none; several are joined by ", "
  bool websocket = false;   // whether this is a well-formed WebSocket upgrade (RFC 6455, 4.2.1)
  std::uint64_t connection = 0;  // the number that this connection's log lines carry
  Address peer = {};             // of whoever has connected, which may be a proxy
  std::string_view body = {};    // at most http.body_limit bytes
};

// Bytes `offset` to `offset + length` of a file, which is open already, so that what was checked is what is sent.
struct FileSlice {
  runtime::Descriptor file;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// Date, Server, Content-Length and Connection are added by the net floor, and the body left out for HEAD. No header may
// contain a line break.
struct Response {
  unsigned status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::variant<std::string, FileSlice> body;
};

// Sits on one WebSocket connection: is told its complete messages, and that it ended. Lives and is called on its shard's
// thread, never from within a call on the sink, and is destroyed right after on_close. What it throws is logged, and
// closes its connection with `internal`.
class SessionHandler {
 public:
  virtual ~SessionHandler() = default;
  virtual void on_message(std::string_view payload, Opcode opcode) = 0;  // text has been checked to be UTF-8
  // Called at most once: nothing more will come from the client, which has closed, or broken the protocol. True where the
  // handler closes the sink with `code` once all that the client said before has been answered; false where it has been.
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
  std::optional<std::size_t> shard = {};  // by its place among all (see Connections::introduce); nothing: where it is now
};

using Answer = std::variant<Response, Upgrade>;

// One per shard; called on that shard's thread. What it throws is logged and answered with 500.
class Site {
 public:
  virtual ~Site() = default;
  virtual Answer answer(const Request& request) = 0;

  // Asked of a request with a body, of which only the head has come: the answer if it is a refusal whatever the body holds, which
  // is not read then.
  virtual std::optional<Response> refuse(const Request& head) {
    static_cast<void>(head);
    return {};
  }
};

}  // namespace hubbub::net

// What is asked of whoever answers requests: one function from a request to an answer, free of any library's types. An answer is a
// response, or the decision to upgrade the connection to a WebSocket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "net/address.hpp"
#include "net/request_head.hpp"
#include "net/websocket/upgrade.hpp"
#include "runtime/descriptor.hpp"

namespace hubbub::net {

// A request that has been read whole. Views are valid during the call only.
struct Request {
  std::string_view method;  // "GET", "HEAD", …
  std::string_view target;  // path and query, still percent-encoded; "*" of OPTIONS, an authority of CONNECT
  HeaderLookup header;
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

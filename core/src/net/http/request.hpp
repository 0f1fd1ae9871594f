// A request, as its handler sees it. Values; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/address.hpp"
#include "net/request_head.hpp"

namespace hubbub::net {

// A complete request, or only its head where a function says so. The views in it are valid during the call only; a handler that answers
// later makes a KeptRequest.
struct Request {
  std::string_view method;  // "GET", "HEAD", …
  std::string_view target;  // path and query, still percent-encoded; "*" for OPTIONS, an authority for CONNECT
  HeaderLookup header;
  bool websocket = false;   // whether this is a well-formed WebSocket upgrade (RFC 6455, 4.2.1)
  std::uint64_t connection = 0;  // the number that this connection's log lines carry
  Address peer = {};             // of the other end of the connection, which may be a proxy
  std::string_view body = {};    // at most RequestHandler::most_body() bytes
};

// A copy of a request with its body and the named headers, which stays valid after the call.
class KeptRequest {
 public:
  KeptRequest(const Request& request, std::span<const std::string_view> headers);
  KeptRequest(const KeptRequest&) = delete;
  KeptRequest& operator=(const KeptRequest&) = delete;

  // Valid as long as this object.
  const Request& request() const { return request_; }

 private:
  std::string method_, target_, body_;
  std::vector<std::pair<std::string, std::string>> headers_;
  Request request_;
};

}  // namespace hubbub::net

// A request, as its handler sees it. Values; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "net/address.hpp"
#include "net/request_head.hpp"

namespace hubbub::net {

// A request that has been read whole, or its head alone where that is said. What it refers to is valid during the call only; a
// handler that answers later has a KeptRequest.
struct Request {
  std::string_view method;  // "GET", "HEAD", …
  std::string_view target;  // path and query, still percent-encoded; "*" of OPTIONS, an authority of CONNECT
  HeaderLookup header;
  bool websocket = false;   // whether this is a well-formed WebSocket upgrade (RFC 6455, 4.2.1)
  std::uint64_t connection = 0;  // the number that this connection's log lines carry
  Address peer = {};             // of whoever has connected, which may be a proxy
  std::string_view body = {};    // of at most as many bytes as the handler takes for it
};

// A copy of a request, with its body and the headers that are named, for as long as it is wanted.
class KeptRequest {
 public:
  KeptRequest(const Request& request, std::span<const std::string_view> headers);
  KeptRequest(const KeptRequest&) = delete;
  KeptRequest& operator=(const KeptRequest&) = delete;

  // Valid as long as this.
  const Request& request() const { return request_; }

 private:
  std::string method_, target_, body_;
  std::map<std::string, std::string, std::less<>> headers_;
  Request request_;
};

}  // namespace hubbub::net

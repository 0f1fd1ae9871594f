// An extension of the server for services: answers HTTP requests. A service gets it by host().extension<hubbub::Routes>().
#pragma once

#include <hubbub/plugin.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hubbub {

// A complete request. Valid during the call only.
class HttpRequest {
 public:
  virtual std::string_view method() const = 0;  // that of the route; "HEAD" may come to a route of "GET"
  virtual std::string_view target() const = 0;  // path and query, percent-encoded
  virtual std::string_view parameter(std::string_view name) const = 0;  // a variable part of the path, decoded; empty if there is none
  virtual std::string_view header(std::string_view name) const = 0;  // one that the route names, in any case; empty if it was not sent
  virtual std::string_view body() const = 0;
  virtual std::string_view peer() const = 0;  // the IP address of the other end, which may be a proxy

 protected:
  ~HttpRequest() = default;
};

// The answer to one request. It may be given in the handler's call or later, on any thread. If it is destroyed without an answer, the client
// gets 500. An answer after http.timeout is dropped, because the client has got 503.
class HttpReply {
 public:
  virtual ~HttpReply() = default;

  // The first answer counts. `status` is from 200 to 599. `headers` are names and values; Date, Server, Connection, Upgrade, Content-Length
  // and Transfer-Encoding are the server's. Throws std::invalid_argument for another status, for one of these names, and for a header with a
  // character that it must not have, such as a line break.
  virtual void answer(unsigned status, std::vector<std::pair<std::string, std::string>> headers, std::string body) = 0;

  HttpReply() = default;
  HttpReply(const HttpReply&) = delete;
  HttpReply& operator=(const HttpReply&) = delete;
};

// Must be called on the service's thread.
class Routes {
 public:
  static constexpr std::string_view extension_name = "routes 1";

  struct Route {
    std::string method;   // with "GET", HEAD is answered too
    std::string pattern;  // "/metrics"; "/polls/{name}/votes": {name} is one part of the path; "/files/{*}": {*} is all that is left
    std::vector<std::string> headers = {};  // those of the request that the handler reads
    std::size_t most_body = 0;              // bytes; a longer body is refused with 413
  };
  using Handler = std::function<void(const HttpRequest& request, std::shared_ptr<HttpReply> reply)>;

  // Has `handler` called for these requests, on the service's thread, until the service stops. If the server or an earlier route answers
  // the same method and path, this route is not asked. If the handler throws a hubbub::Json::exception, because a body is not as
  // expected, the client gets 400; for any other exception it gets 500, and the log says so, at most once a minute. While 1,000 requests
  // wait for the service, or its thread hangs, further requests get 503. Throws std::invalid_argument if the pattern does not begin with /.
  void add(Route route, Handler handler) {
    add_guarded(std::move(route), [handler = std::move(handler)](const auto& request, auto reply, std::string& fault) {
      return abi::guard(fault, [&] { handler(request, std::move(reply)); });
    });
  }

 protected:
  using GuardedHandler = std::function<abi::Ending(const HttpRequest& request, std::shared_ptr<HttpReply> reply, std::string& fault)>;

  ~Routes() = default;
  virtual void add_guarded(Route&& route, GuardedHandler&& handler) = 0;
};

}  // namespace hubbub

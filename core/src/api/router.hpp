// Which handler answers a request, by its method and path. Filled before use and immutable from then on: any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "net/http/request_handler.hpp"

namespace hubbub::api {

// What stood in a path in place of the variable parts of its pattern, percent-decoded.
class Parameters {
 public:
  // Empty if the pattern has no part of this name.
  std::string_view operator[](std::string_view name) const;

 private:
  friend class Router;
  std::vector<std::pair<std::string_view, std::string>> values_;
};

// A handler answers in its call, or takes the reply and answers when it can.
using AnswersNow = std::function<net::Answer(const net::Request& request, const Parameters& parameters)>;
using AnswersLater = std::function<void(const net::Request& request, const Parameters& parameters, net::Reply reply)>;

struct Route {
  std::string method;   // with GET, HEAD is answered too
  std::string pattern;  // "/rooms/{room}/log": {room} is one part of the path, not empty; "/static/{*}": {*} is all that is left, or nothing
  std::variant<AnswersNow, AnswersLater> handler;
  std::optional<std::size_t> most_body = {};  // bytes of a body that it takes; nothing: it takes none, see net::RequestHandler::most_body()
};

class Router {
 public:
  // Among routes that fit, the one that was added first counts.
  void add(Route route);

  struct Found {
    const Route* route;
    Parameters parameters;
  };

  // The route, or the refusal: 400 if the target is no URL, 404 if no route has its path, and 405 with the header Allow if one has, but
  // none with this method. A method that no route has is 405 everywhere.
  std::variant<Found, net::Response> find(const net::Request& request) const;

 private:
  struct Entry {
    Route route;
    std::vector<std::string> parts;  // of its pattern
  };
  static std::optional<Parameters> match(const Entry& entry, const std::vector<std::string_view>& path);

  std::vector<Entry> entries_;
};

}  // namespace hubbub::api

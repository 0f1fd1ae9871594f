// Finds the route of a request by its method and path. While routes are added, no other thread may search.
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

// The variable parts of a path, by their names in the route's pattern, percent-decoded.
class Parameters {
 public:
  // Empty if the pattern has no part of this name.
  std::string_view operator[](std::string_view name) const;

 private:
  friend class Router;
  std::vector<std::pair<std::string, std::string>> values_;
};

// A handler answers in its call, or takes the reply and answers when it can.
using AnswersNow = std::function<net::Answer(const net::Request& request, const Parameters& parameters)>;
using AnswersLater = std::function<void(const net::Request& request, const Parameters& parameters, net::Reply reply)>;

struct Route {
  std::string method;   // with GET, HEAD is answered too
  std::string pattern;  // "/rooms/{room}/log": {room} is one part of the path, not empty; "/static/{*}": {*} is all that is left, or nothing
  std::variant<AnswersNow, AnswersLater> handler;
  std::optional<std::size_t> most_body = {};  // see net::RequestHandler::most_body(); nothing: the handler does not use a body
};

class Router {
 public:
  // If several routes match a request, the one that was added first is used.
  void add(Route route);

  struct Found {
    const Route* route;
    Parameters parameters;
  };

  // Returns the route, or a refusal: 400 if the target is no URL, 404 if no route has the path, and 405 with the header Allow if the path
  // has routes, but none with this method. A method that no route has is 405 on every path.
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

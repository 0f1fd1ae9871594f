// What HTTP and the handshake of a WebSocket share: reading the headers of a request, and reporting what is wrong with it. Pure functions.
#pragma once

#include <functional>
#include <string_view>

namespace hubbub::net {

// The value of a header, empty if there is none; several of the same name are joined by ", ".
using HeaderLookup = std::function<std::string_view(std::string_view name)>;

// Whether a comma-separated header value has `token` among its elements, whatever their case.
bool lists(std::string_view value, std::string_view token);

// A status code of HTTP, and what is wrong with a request, for the person who made it.
struct RequestProblem {
  unsigned status;
  std::string_view why;
};

}  // namespace hubbub::net

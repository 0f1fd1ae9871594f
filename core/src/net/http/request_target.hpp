// The target of a request and its header Host, in all the forms that they may have (RFC 9112, 3.2). Pure functions.
#pragma once

#include <optional>
#include <string_view>

namespace hubbub::net {

// The path and query of `target`, in it or as it would be completed: "/a?b" of "/a?b" and of "http://host/a?b", "/" of
// "http://host"; "*" and the authority as they stand where `method` may have them (OPTIONS, CONNECT). Nothing where it is no
// target.
struct Target {
  std::string_view path;      // from "/" on, empty where there is only a query or nothing; "*"; of CONNECT the authority
  bool needs_slash = false;   // in front of `path`
};
std::optional<Target> parse_target(std::string_view method, std::string_view target);

// Whether it is a host and maybe a port, or empty.
bool is_host(std::string_view text);

}  // namespace hubbub::net

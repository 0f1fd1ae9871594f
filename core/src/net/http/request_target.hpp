// Reads the target of a request and checks its header Host, in all the forms that they may have (RFC 9112, 3.2). Pure functions.
#pragma once

#include <optional>
#include <string_view>

namespace hubbub::net {

// Returns the path and query of `target`: "/a?b" for "/a?b" and for "http://host/a?b", "/" for "http://host". For OPTIONS this may be "*",
// and for CONNECT it is the authority. Returns nothing if `target` is malformed.
struct Target {
  std::string_view path;      // a part of `target`; without its "/" if needs_slash
  bool needs_slash = false;   // "/" is missing in front of `path`
};
std::optional<Target> parse_target(std::string_view method, std::string_view target);

// Whether `text` is a host, with or without a port, or empty.
bool is_host(std::string_view text);

}  // namespace hubbub::net

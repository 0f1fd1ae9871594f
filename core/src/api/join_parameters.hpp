// Reads the query of a connection to a room by the rules of the protocol. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "rooms/join_request.hpp"

namespace hubbub::api {

// The error for a key that no welcome can have given.
inline constexpr auto wrong_key = "key: must be the one that welcome gave";

// Returns the request to join, to which the caller adds what the query does not say: the connection, where it lives, and whether it wants
// a welcome. If a parameter is wrong, returns an error for the client: "nickname: must be …". `target` is a request's path and query,
// percent-encoded; a plus sign is a space, as in forms. Unknown parameters are ignored.
std::variant<rooms::JoinRequest, std::string> parse_join(std::string_view target);

}  // namespace hubbub::api

// Reads the query of a connection to a room by the rules of the protocol. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "rooms/join_request.hpp"

namespace hubbub::api {

// What is wrong with a key that no welcome can have given.
inline constexpr auto wrong_key = "key: must be the one that welcome gave";

// The request without connection, place and dialect, or what is wrong: "nickname: must be …". `target` is a request's path
// and query, percent-encoded; a plus sign is a space, as forms send it. Unknown parameters are ignored.
std::variant<rooms::JoinRequest, std::string> parse_join(std::string_view target);

}  // namespace hubbub::api

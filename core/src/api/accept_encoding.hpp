// The Accept-Encoding header of a request (RFC 9110, 12.5.3). Pure functions.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace hubbub::api {

constexpr std::string_view identity = "identity";  // the coding of a file that is not compressed

// Returns the one of `codings` that the client prefers, or nothing if it accepts none. `codings` has names in lower case, in the order of
// the server's preference. An empty header accepts only `identity`.
std::optional<std::string_view> chosen_coding(std::string_view header, std::span<const std::string_view> codings);

}  // namespace hubbub::api

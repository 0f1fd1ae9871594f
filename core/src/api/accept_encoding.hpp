// The Accept-Encoding header of a request (RFC 9110, 12.5.3). Pure functions.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace hubbub::api {

// Which of `codings` the client likes best: names in lower case, in the order in which the server likes them, "identity" (the
// file as it is) among them. Nothing where it takes none of these. An empty header takes only the file as it is.
std::optional<std::string_view> chosen_coding(std::string_view header, std::span<const std::string_view> codings);

}  // namespace hubbub::api

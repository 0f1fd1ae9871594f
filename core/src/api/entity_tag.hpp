// The If-None-Match header of a request (RFC 9110, 13.1.2). Pure functions.
#pragma once

#include <string_view>

namespace hubbub::api {

// Whether `header` is `*`, or a list of entity tags that has `etag` in it, weakly compared. The list ends before the first element that is
// no tag. `etag` is a strong tag, with its quotes.
bool names_tag(std::string_view header, std::string_view etag);

}  // namespace hubbub::api

// The If-None-Match header of a request (RFC 9110, 13.1.2). Pure functions.
#pragma once

#include <string_view>

namespace hubbub::api {

// Whether `header` is `*` or a list of entity tags with `etag` among them, weakly compared. What stands behind the first
// that is no tag does not count. `etag` is a strong one, with its quotes.
bool names_tag(std::string_view header, std::string_view etag);

}  // namespace hubbub::api

#include "api/entity_tag.hpp"

#include <algorithm>

namespace hubbub::api {

bool names_tag(std::string_view header, std::string_view etag) {
  const auto skip = [&](std::string_view characters) {
    header.remove_prefix(std::min(header.find_first_not_of(characters), header.size()));
  };
  skip(" \t");
  if (header.starts_with('*')) {
    header.remove_prefix(1);
    skip(" \t");
    return header.empty();
  }
  for (;;) {
    skip(" \t,");
    if (header.starts_with("W/")) header.remove_prefix(2);
    const auto end = header.find('"', 1);  // a tag may hold commas
    if (!header.starts_with('"') || end == header.npos) return false;
    const auto tag = header.substr(0, end + 1);
    header.remove_prefix(tag.size());
    skip(" \t");
    if (!header.empty() && header.front() != ',') return false;
    if (tag == etag) return true;
  }
}

}  // namespace hubbub::api

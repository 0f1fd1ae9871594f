#include "net/request_head.hpp"

#include <algorithm>

#include "protocol/ascii.hpp"

namespace hubbub::net {

bool lists(std::string_view value, std::string_view token) {
  while (!value.empty()) {
    const auto comma = std::min(value.find(','), value.size());
    if (equal_ignoring_case(trim_blanks(value.substr(0, comma)), token)) return true;
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  return false;
}

}  // namespace hubbub::net

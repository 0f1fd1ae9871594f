#include "net/http/request_target.hpp"

#include <algorithm>

#include "protocol/ascii.hpp"

namespace hubbub::net {
namespace {

bool is_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// If `text` begins with `scheme`, in upper or lower case, takes it off and returns true.
bool take_scheme(std::string_view& text, std::string_view scheme) {
  if (!std::ranges::equal(text.substr(0, scheme.size()), scheme, {}, ascii_lower)) return false;
  text.remove_prefix(scheme.size());
  return true;
}

}  // namespace

bool is_host(std::string_view text) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  constexpr std::string_view name = "-._~!$&'()*+,;=%";  // RFC 3986, 3.2.2
  const bool in_brackets = text.starts_with('[');
  const auto end = in_brackets ? text.find(']') : std::min(text.find(':'), text.size());
  if (end == text.npos) return false;
  const auto host = in_brackets ? text.substr(1, end - 1) : text.substr(0, end);
  const auto port = text.substr(in_brackets ? end + 1 : end);
  const bool is_named = std::ranges::all_of(host, [&](char c) {
    return letters.find(c) != letters.npos || name.find(c) != name.npos || (in_brackets && c == ':');
  });
  const bool has_port = port.empty() || (port.front() == ':' && is_digits(port.substr(1)) && port.size() <= 6);
  return is_named && has_port && (in_brackets ? !host.empty() : !host.empty() || port.empty());
}

std::optional<Target> parse_target(std::string_view method, std::string_view target) {
  if (method == "CONNECT") {
    const bool is_authority = is_host(target) && target.find(':') != target.npos;
    return is_authority ? std::optional{Target{target}} : std::nullopt;
  }
  if (target.starts_with('/')) return Target{target};
  if (target == "*") return method == "OPTIONS" ? std::optional{Target{target}} : std::nullopt;
  if (!take_scheme(target, "http://") && !take_scheme(target, "https://")) return {};
  // A user's name before the host could deceive people who read the target (RFC 9110, 4.2.4), so is_host() refuses it.
  const auto end = std::min(target.find_first_of("/?#"), target.size());
  const auto authority = target.substr(0, end);
  if (authority.empty() || !is_host(authority)) return {};
  const auto path = target.substr(end);
  return Target{path, !path.starts_with('/')};
}

}  // namespace hubbub::net

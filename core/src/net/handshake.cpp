#include "net/handshake.hpp"

#include <algorithm>

namespace hubbub::net {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, {}, lower, lower);
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_base64_of_16_octets(std::string_view key) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return key.size() == 24 && key.ends_with("==") && key.find_first_not_of(digits) == 22;
}

}  // namespace

bool lists(std::string_view value, std::string_view token) {
  while (!value.empty()) {
    const auto comma = std::min(value.find(','), value.size());
    if (same(trimmed(value.substr(0, comma)), token)) return true;
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  return false;
}

std::optional<Refusal> handshake_problem(std::string_view method, bool http_1_1, const HeaderLookup& header) {
  if (method != "GET") return Refusal{400, "a WebSocket is asked for with GET"};
  if (!http_1_1) return Refusal{400, "a WebSocket needs HTTP/1.1"};
  if (header("Host").empty()) return Refusal{400, "the header Host is missing"};
  if (!lists(header("Connection"), "upgrade")) return Refusal{400, "the header Connection must list Upgrade"};
  if (header("Sec-WebSocket-Version") != "13") return Refusal{426, "the header Sec-WebSocket-Version must be 13"};
  if (!is_base64_of_16_octets(header("Sec-WebSocket-Key"))) {
    return Refusal{400, "the header Sec-WebSocket-Key must be 16 octets in base64"};
  }
  return std::nullopt;
}

}  // namespace hubbub::net

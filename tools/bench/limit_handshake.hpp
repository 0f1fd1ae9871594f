// The limit server's WebSocket handshake (RFC 6455, 4.2).
#pragma once

#include <openssl/evp.h>
#include <strings.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace hubbub::bench {

inline std::string accept_key(std::string_view key) {
  const auto all = std::string{key} + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, 20> digest{};
  EVP_Digest(all.data(), all.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  std::array<unsigned char, 29> base64{};
  EVP_EncodeBlock(base64.data(), digest.data(), digest.size());
  return reinterpret_cast<const char*>(base64.data());
}

// The value of a header in a request's head; empty if there is none.
inline std::string_view header(std::string_view head, std::string_view name) {
  for (auto line = head.find("\r\n"); line != head.npos; line = head.find("\r\n", line + 2)) {
    const auto rest = head.substr(line + 2);
    if (rest.size() <= name.size() || rest[name.size()] != ':' || strncasecmp(rest.data(), name.data(), name.size()) != 0) continue;
    auto value = rest.substr(name.size() + 1, rest.find("\r\n") - name.size() - 1);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    return value.substr(0, value.find_last_not_of(' ') + 1);
  }
  return {};
}

// A parameter in the query of a request's target, not decoded.
inline std::string_view parameter(std::string_view target, std::string_view name, std::string_view fallback) {
  for (auto at = target.find('?'); at != target.npos; at = target.find('&', at + 1)) {
    const auto rest = target.substr(at + 1);
    if (!rest.starts_with(name) || !rest.substr(name.size()).starts_with('=')) continue;
    const auto value = rest.substr(name.size() + 1);
    return value.substr(0, value.find('&'));
  }
  return fallback;
}

}  // namespace hubbub::bench

#define OPENSSL_SUPPRESS_DEPRECATED  // SHA1_Init and its like

#include "net/websocket/handshake.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>

#include "net/websocket/deflate_offer.hpp"

namespace hubbub::net {
namespace {

bool is_base64_of_16_octets(std::string_view key) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return key.size() == 24 && key.ends_with("==") && key.find_first_not_of(digits) == 22;
}

// RFC 6455, 4.2.2, step 5.4
std::string accept_of(std::string_view key) {
  const auto text = std::string{key} + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest;
  // The calls that OpenSSL recommends instead would load two megabytes of libcrypto, for 20 bytes.
  SHA_CTX sha1;
  SHA1_Init(&sha1);
  SHA1_Update(&sha1, text.data(), text.size());
  SHA1_Final(digest.data(), &sha1);
  std::array<unsigned char, 4 * ((SHA_DIGEST_LENGTH + 2) / 3) + 1> base64;
  EVP_EncodeBlock(base64.data(), digest.data(), digest.size());
  return reinterpret_cast<const char*>(base64.data());
}

}  // namespace

std::optional<RequestProblem> handshake_problem(std::string_view method, bool http_1_1, const HeaderLookup& header) {
  if (method != "GET") return RequestProblem{400, "a WebSocket must be asked for with GET"};
  if (!http_1_1) return RequestProblem{400, "a WebSocket needs HTTP/1.1"};
  if (header("Host").empty()) return RequestProblem{400, "the header Host is missing"};
  if (!lists(header("Connection"), "upgrade")) return RequestProblem{400, "the header Connection must list Upgrade"};
  if (header("Sec-WebSocket-Version") != "13") return RequestProblem{426, "the header Sec-WebSocket-Version must be 13"};
  if (!is_base64_of_16_octets(header("Sec-WebSocket-Key"))) {
    return RequestProblem{400, "the header Sec-WebSocket-Key must be 16 octets in base64"};
  }
  return std::nullopt;
}

Accepted accept_handshake(const HeaderLookup& header, std::string_view subprotocol, bool compression) {
  Accepted accepted{"HTTP/1.1 101 Switching Protocols\r\nServer: hubbub\r\nUpgrade: websocket\r\nConnection: Upgrade"};
  const auto add = [&accepted](std::string_view name, std::string_view value) {
    accepted.response.append("\r\n").append(name).append(": ").append(value);
  };
  add("Sec-WebSocket-Accept", accept_of(header("Sec-WebSocket-Key")));
  if (!subprotocol.empty()) add("Sec-WebSocket-Protocol", subprotocol);
  if (const auto deflation = compression ? negotiate_deflate(header("Sec-WebSocket-Extensions")) : std::nullopt) {
    add("Sec-WebSocket-Extensions", deflation->response);
    accepted.window_bits = deflation->window_bits;
  }
  accepted.response += "\r\n\r\n";
  return accepted;
}

}  // namespace hubbub::net

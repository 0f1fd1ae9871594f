#include "net/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace hubbub::net {
namespace {

constexpr std::array<unsigned char, 12> ipv4_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};  // RFC 4291, 2.5.5.2

}  // namespace

Address::Address(const sockaddr& socket_address) {
  if (socket_address.sa_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(socket_address);
    std::memcpy(bytes_.data(), ipv4_prefix.data(), ipv4_prefix.size());
    std::memcpy(bytes_.data() + ipv4_prefix.size(), &v4.sin_addr, sizeof v4.sin_addr);
    port_ = ntohs(v4.sin_port);
  } else if (socket_address.sa_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(socket_address);
    std::memcpy(bytes_.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
    port_ = ntohs(v6.sin6_port);
  }
}

std::string Address::ip() const {
  if (std::ranges::all_of(bytes_, [](std::byte byte) { return byte == std::byte{0}; })) return "";
  const bool is_ipv4 = std::memcmp(bytes_.data(), ipv4_prefix.data(), ipv4_prefix.size()) == 0;
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(is_ipv4 ? AF_INET : AF_INET6, bytes_.data() + (is_ipv4 ? ipv4_prefix.size() : 0), text.data(), text.size());
  return text.data();
}

}  // namespace hubbub::net

#include "net/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace hubbub::net {
namespace {

constexpr std::array<unsigned char, 12> of_ipv4 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};  // RFC 4291, 2.5.5.2

}  // namespace

Address::Address(const sockaddr& socket_address) {
  if (socket_address.sa_family == AF_INET) {
    const auto& its = reinterpret_cast<const sockaddr_in&>(socket_address);
    std::memcpy(bytes_.data(), of_ipv4.data(), of_ipv4.size());
    std::memcpy(bytes_.data() + of_ipv4.size(), &its.sin_addr, sizeof its.sin_addr);
    port_ = ntohs(its.sin_port);
  } else if (socket_address.sa_family == AF_INET6) {
    const auto& its = reinterpret_cast<const sockaddr_in6&>(socket_address);
    std::memcpy(bytes_.data(), &its.sin6_addr, sizeof its.sin6_addr);
    port_ = ntohs(its.sin6_port);
  }
}

std::string Address::ip() const {
  if (std::ranges::all_of(bytes_, [](std::byte byte) { return byte == std::byte{0}; })) return "";
  const bool is_ipv4 = std::memcmp(bytes_.data(), of_ipv4.data(), of_ipv4.size()) == 0;
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(is_ipv4 ? AF_INET : AF_INET6, bytes_.data() + (is_ipv4 ? of_ipv4.size() : 0), text.data(), text.size());
  return text.data();
}

}  // namespace hubbub::net

// The address of the other end of a connection: an IP address and a port. A value; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

struct sockaddr;

namespace hubbub::net {

class Address {
 public:
  Address() = default;
  explicit Address(const sockaddr& socket_address);  // of IPv4 or IPv6; any other family makes an Address{}

  // As 192.0.2.1 or 2001:db8::1; empty if there is none.
  std::string ip() const;
  std::uint16_t port() const { return port_; }

  // In the form of IPv6; an address of IPv4 as ::ffff:192.0.2.1.
  const std::array<std::byte, 16>& bytes() const { return bytes_; }

 private:
  std::array<std::byte, 16> bytes_{};
  std::uint16_t port_ = 0;
};

}  // namespace hubbub::net

#include "net/address.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <future>
#include <string>

#include "core/net/client.hpp"
#include "core/net/server.hpp"

namespace hubbub::net::test {
namespace {

Address ipv4(const char* ip, std::uint16_t port) {
  sockaddr_in socket_address{};
  socket_address.sin_family = AF_INET;
  socket_address.sin_port = htons(port);
  EXPECT_EQ(::inet_pton(AF_INET, ip, &socket_address.sin_addr), 1);
  return Address{reinterpret_cast<const sockaddr&>(socket_address)};
}

Address ipv6(const char* ip, std::uint16_t port) {
  sockaddr_in6 socket_address{};
  socket_address.sin6_family = AF_INET6;
  socket_address.sin6_port = htons(port);
  EXPECT_EQ(::inet_pton(AF_INET6, ip, &socket_address.sin6_addr), 1);
  return Address{reinterpret_cast<const sockaddr&>(socket_address)};
}

TEST(Address, IsWrittenAsPeopleWriteIt) {
  EXPECT_EQ(ipv4("192.0.2.1", 8100).ip(), "192.0.2.1");
  EXPECT_EQ(ipv4("192.0.2.1", 8100).port(), 8100U);
  EXPECT_EQ(ipv6("2001:db8::1", 443).ip(), "2001:db8::1");
  EXPECT_EQ(ipv6("2001:db8::1", 443).port(), 443U);
  EXPECT_EQ(ipv6("::1", 1).ip(), "::1");
}

TEST(Address, OfAnIpv4ClientOnASocketOfIpv6IsTheSame) {
  EXPECT_EQ(ipv6("::ffff:192.0.2.1", 8100).ip(), "192.0.2.1");
  EXPECT_EQ(ipv6("::ffff:192.0.2.1", 8100).bytes(), ipv4("192.0.2.1", 8100).bytes());
  EXPECT_EQ(ipv4("192.0.2.1", 8100).bytes().at(15), std::byte{1});
}

TEST(Address, IsEmptyIfThereIsNone) {
  EXPECT_EQ(Address{}.ip(), "");
  sockaddr local{};
  local.sa_family = AF_UNIX;
  EXPECT_EQ(Address{local}.ip(), "");
}

TEST(Address, OfTheClientIsInItsRequests) {
  Address seen;
  Server server{[&seen](const Request& request) -> Answer {
    seen = request.peer;
    return Response{};
  }};
  Client client{server.port()};
  EXPECT_EQ(get(client, "/").status(), 200);
  const auto peer = server.on_shard([&seen] { return seen; });
  EXPECT_EQ(peer.ip(), "127.0.0.1");
  EXPECT_EQ(peer.port(), client.port());
}

}  // namespace
}  // namespace hubbub::net::test

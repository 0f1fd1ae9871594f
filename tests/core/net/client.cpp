#include "core/net/client.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace hubbub::net::test {
namespace {

constexpr int patience_ms = 20'000;

[[noreturn]] void fail(const char* what) { throw std::system_error{errno, std::generic_category(), what}; }

void wait_for(int socket, short event, const char* what) {
  pollfd waiting{socket, event, 0};
  if (::poll(&waiting, 1, patience_ms) != 1) throw std::runtime_error{std::string{what} + ": waited in vain"};
}

bool same(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, [](char a, char b) { return (a | 0x20) == (b | 0x20); });
}

}  // namespace

Client::Client(std::uint16_t port, int receive_buffer)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  if (socket_ < 0) fail("socket");
  if (receive_buffer != 0) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  const int yes = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno != EINPROGRESS) fail("connect");
    wait_for(socket_, POLLOUT, "connect");
  }
}

Client::~Client() {
  if (socket_ >= 0) ::close(socket_);
}

std::uint16_t Client::port() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

void Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    wait_for(socket_, POLLOUT, "send");
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) fail("send");
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool Client::receive() {
  wait_for(socket_, POLLIN, "receive");
  std::array<char, 65536> buffer;
  const auto got = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (got < 0 && errno == EAGAIN) return true;
  if (got <= 0) return false;
  received_.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

std::string Client::read(std::size_t bytes) {
  while (received_.size() < bytes) {
    if (!receive()) throw std::runtime_error{"the server closed in the middle"};
  }
  auto result = received_.substr(0, bytes);
  received_.erase(0, bytes);
  return result;
}

std::string Client::read_through(std::string_view end) {
  std::size_t at;
  while ((at = received_.find(end)) == std::string::npos) {
    if (!receive()) throw std::runtime_error{"the server closed after: " + received_};
  }
  return read(at + end.size());
}

std::string Client::read_to_end() {
  while (receive()) {
  }
  return read(received_.size());
}

std::size_t Client::read_until_quiet(int milliseconds) {
  pollfd waiting{socket_, POLLIN, 0};
  while (::poll(&waiting, 1, milliseconds) > 0 && receive()) {
  }
  return std::exchange(received_, {}).size();
}

bool Client::has_something() {
  pollfd waiting{socket_, POLLIN, 0};
  return !received_.empty() || ::poll(&waiting, 1, 0) > 0;
}

bool Client::is_open() { return !received_.empty() || receive(); }

void Client::shut() { ::shutdown(socket_, SHUT_WR); }

void Client::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(socket_);
  socket_ = -1;
}

int Reply::status() const { return std::stoi(head.substr(9, 3)); }

std::string Reply::header(std::string_view name) const {
  for (std::size_t at = head.find("\r\n"); at != std::string::npos && at + 2 < head.size(); at = head.find("\r\n", at + 2)) {
    const auto line = std::string_view{head}.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    if (line.size() > name.size() && line[name.size()] == ':' && same(line.substr(0, name.size()), name)) {
      return std::string{line.substr(name.size() + 2)};
    }
  }
  return {};
}

Reply read_reply(Client& client, bool has_body) {
  Reply reply{client.read_through("\r\n\r\n"), {}};
  const auto length = reply.header("Content-Length");
  if (has_body && !length.empty()) reply.body = client.read(std::stoul(length));
  return reply;
}

Reply get(Client& client, std::string_view target, std::string_view headers) {
  client.send("GET " + std::string{target} + " HTTP/1.1\r\nHost: here\r\n" + std::string{headers} + "\r\n");
  return read_reply(client);
}

std::string frame(unsigned opcode, std::string_view payload, FrameShape shape) {
  constexpr std::array<unsigned char, 4> mask{0x37, 0xFA, 0x21, 0x3D};
  std::string bytes;
  const auto add = [&bytes](unsigned octet) { bytes += static_cast<char>(octet); };
  add((shape.fin ? 0x80U : 0U) | shape.reserved << 4U | opcode);
  const std::uint64_t size = payload.size();
  const int extra = size < 126 ? 0 : size <= 0xFFFF ? 2 : 8;
  add((shape.masked ? 0x80U : 0U) | static_cast<unsigned>(extra == 0 ? size : extra == 2 ? 126 : 127));
  for (int i = extra - 1; i >= 0; --i) add(static_cast<unsigned>(size >> (8 * i)) & 0xFFU);
  if (!shape.masked) return bytes.append(payload);
  for (const auto octet : mask) add(octet);
  for (std::size_t i = 0; i < payload.size(); ++i) add(static_cast<unsigned char>(payload[i]) ^ mask[i % 4]);
  return bytes;
}

std::string close_payload(unsigned code, std::string_view reason) {
  std::string payload{static_cast<char>(code >> 8U), static_cast<char>(code & 0xFFU)};
  return payload.append(reason);
}

std::string handshake_request(std::string_view headers, std::string_view target) {
  return "GET " + std::string{target} + " HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
         std::string{headers} + "\r\n";
}

WebsocketClient::WebsocketClient(std::uint16_t port, std::string_view headers, int receive_buffer, std::string_view target)
    : Client(port, receive_buffer) {
  send(handshake_request(headers, target));
  handshake_ = read_reply(*this);
  if (handshake_.status() != 101) throw std::runtime_error{"no handshake: " + handshake_.head};
}

Received WebsocketClient::receive() {
  const auto octet = [](char c) { return static_cast<unsigned>(static_cast<unsigned char>(c)); };
  const auto start = read(2);
  if ((octet(start[1]) & 0x80U) != 0) throw std::runtime_error{"a server must not mask"};
  std::uint64_t size = octet(start[1]);
  const std::size_t extra = size == 126 ? 2 : size == 127 ? 8 : 0;
  if (extra != 0) size = 0;
  for (const char c : read(extra)) size = size << 8U | octet(c);
  return {(octet(start[0]) & 0x80U) != 0, octet(start[0]) >> 4U & 7U, octet(start[0]) & 15U, read(size)};
}

unsigned WebsocketClient::receive_close(std::string* reason) {
  const auto got = receive();
  if (got.opcode != Op::close) throw std::runtime_error{"not a close frame: opcode " + std::to_string(got.opcode)};
  if (got.payload.size() < 2) return 1005;
  if (reason) *reason = got.payload.substr(2);
  return static_cast<unsigned>(static_cast<unsigned char>(got.payload[0])) << 8U | static_cast<unsigned char>(got.payload[1]);
}

}  // namespace hubbub::net::test

#include "net/listener.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <deque>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "net/loop.hpp"

namespace hubbub::net {
namespace {

using namespace std::chrono_literals;

constexpr int accepted_in_a_row = 64;
constexpr auto pause = 100ms;       // where there are no descriptors left
constexpr auto goodbye = 1s;        // for a refused client to read why
constexpr std::size_t goodbyes = 64;  // at the same time

constexpr std::string_view full =
    "HTTP/1.1 503 Service Unavailable\r\nServer: hubbub\r\nRetry-After: 10\r\nContent-Type: application/json\r\n"
    "Content-Length: 48\r\nConnection: close\r\n\r\n{\"error\":\"the server is full; try again later\"}\n";

std::string text_of(int error) { return std::generic_category().message(error); }

std::runtime_error cannot_listen(const std::string& host, std::uint16_t port, int error) {
  const auto where = std::to_string(port) + " on " + host;
  if (error == EADDRINUSE) {
    return std::runtime_error{"port " + std::to_string(port) + " is already in use on " + host +
                              ": stop the other server or set server.port"};
  }
  if (error == EACCES) {
    return std::runtime_error{"not allowed to listen on port " + where + ": set server.port to 1024 or above"};
  }
  if (error == EADDRNOTAVAIL) {
    return std::runtime_error{host + " is not an address of this computer: set server.host to one that is"};
  }
  return std::runtime_error{"cannot listen on port " + where + ": " + text_of(error)};
}

// A socket that listens on the address, and does not block. Throws std::runtime_error with a message for the user.
Descriptor listen_on(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    throw std::runtime_error{"\"" + host + "\" is not an IP address: set server.host to one"};
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> address{found, &::freeaddrinfo};
  Descriptor socket{::socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  const int yes = 1;
  if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
      ::bind(socket.get(), address->ai_addr, address->ai_addrlen) != 0 || ::listen(socket.get(), SOMAXCONN) != 0) {
    throw cannot_listen(host, port, errno);
  }
  return socket;
}

std::uint16_t port_of(const Descriptor& socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  const auto port = address.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                                                  : reinterpret_cast<const sockaddr_in&>(address).sin_port;
  return ntohs(port);
}

}  // namespace

class Listener::Acceptor final : public Poller::Watcher {
 public:
  Acceptor(const std::string& host, std::uint16_t port, std::vector<Connections*> shards, ConnectionCount& count)
      : shards_(std::move(shards)), count_(count), home_(shards_.at(0)->shard()), socket_(listen_on(host, port)), port_(port_of(socket_)) {}

  std::uint16_t port() const { return port_; }

  void start() {
    home_.run([this] {
      timer_ = home_.make_timer([this] { on_timer(); });
      home_.loop().poller().add(socket_.get(), *this);
    });
  }

  void stop() {
    home_.run([this] {
      if (!socket_) return;
      home_.loop().poller().remove(socket_.get(), *this);
      socket_ = {};
      timer_.reset();
      refused_.clear();
    });
  }

 private:
  using Clock = std::chrono::steady_clock;

  void on_ready(bool, bool) override { accept(); }
  void on_turn_end() override {}

  // What is left is ready in the next turn.
  void accept() {
    for (int i = 0; i < accepted_in_a_row; ++i) {
      Descriptor accepted{::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
      if (accepted) {
        take(std::move(accepted));
        continue;
      }
      if (errno == EAGAIN || errno == EWOULDBLOCK) return;
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) return wait_for_room(errno);
      // Anything else concerns the one connection, which went away before it was accepted.
    }
  }

  void take(Descriptor accepted) {
    starved_ = false;
    const int yes = 1;
    ::setsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    auto place = count_.take();
    if (!place) return refuse(std::move(accepted));
    full_ = false;
    shards_[next_++ % shards_.size()]->adopt(std::move(accepted), std::move(*place));
  }

  void wait_for_room(int why) {
    if (!std::exchange(starved_, true)) {
      spdlog::error("cannot accept connections for now: {}", text_of(why));
    }
    paused_ = true;
    home_.loop().poller().watch(socket_.get(), *this, false, false);
    timer_->arm(std::chrono::milliseconds{pause});
  }

  // Its request is never read. Closing at once would therefore make the kernel throw the answer away, so it is kept for
  // a moment; with many of them at the same time the oldest are not.
  void refuse(Descriptor accepted) {
    if (!std::exchange(full_, true)) spdlog::warn("the server is full: see server.connections");
    [[maybe_unused]] const auto sent = ::send(accepted.get(), full.data(), full.size(), MSG_NOSIGNAL);
    ::shutdown(accepted.get(), SHUT_WR);
    if (refused_.size() == goodbyes) refused_.pop_front();
    refused_.emplace_back(Clock::now() + goodbye, std::move(accepted));
    if (refused_.size() == 1 && !paused_) timer_->arm(std::chrono::milliseconds{pause});
  }

  void on_timer() {
    while (!refused_.empty() && refused_.front().first <= Clock::now()) refused_.pop_front();
    if (!refused_.empty()) timer_->arm(std::chrono::milliseconds{pause});
    if (std::exchange(paused_, false)) home_.loop().poller().watch(socket_.get(), *this, true, false);
  }

  const std::vector<Connections*> shards_;
  ConnectionCount& count_;
  IoShard& home_;
  Descriptor socket_;
  const std::uint16_t port_;
  std::size_t next_ = 0;
  bool starved_ = false;  // said once, until there are descriptors again
  bool full_ = false;     // likewise
  bool paused_ = false;
  std::deque<std::pair<Clock::time_point, Descriptor>> refused_;
  std::unique_ptr<rooms::Timer> timer_;
};

Listener::Listener(const std::string& host, std::uint16_t port, std::vector<Connections*> shards,
                   ConnectionCount& count)
    : acceptor_(std::make_unique<Acceptor>(host, port, std::move(shards), count)) {}

Listener::~Listener() = default;

std::uint16_t Listener::port() const { return acceptor_->port(); }
void Listener::start() { acceptor_->start(); }
void Listener::stop() { acceptor_->stop(); }

}  // namespace hubbub::net

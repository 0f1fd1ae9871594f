#include "net/listener.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <deque>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "runtime/log.hpp"
#include "runtime/loop.hpp"
#include "runtime/occasional.hpp"

namespace hubbub::net {
namespace {

using namespace std::chrono_literals;

constexpr int accepted_in_a_row = 64;
constexpr auto pause = 100ms;         // before another attempt if there are no descriptors left, and between looks at refused clients
constexpr auto goodbye = 1s;          // for a refused client to read why
constexpr std::size_t goodbyes = 64;  // refused clients of one shard at the same time

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

// Returns a non-blocking socket that listens on the address. Throws std::runtime_error with a message for the user.
runtime::Descriptor listen_on(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    throw std::runtime_error{"\"" + host + "\" is not an IP address: set server.host to one"};
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> address{found, &::freeaddrinfo};
  runtime::Descriptor socket{::socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  const int yes = 1;
  if (!socket || ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0 ||
      ::bind(socket.get(), address->ai_addr, address->ai_addrlen) != 0 || ::listen(socket.get(), SOMAXCONN) != 0) {
    throw cannot_listen(host, port, errno);
  }
  return socket;
}

std::uint16_t port_of(const runtime::Descriptor& socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  const auto port = address.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                                                  : reinterpret_cast<const sockaddr_in&>(address).sin_port;
  return ntohs(port);
}

}  // namespace

// What the acceptors of all shards share: the listening socket, and the choice of the shard that gets a connection. Any thread.
class Listener::Door {
 public:
  Door(const std::string& host, std::uint16_t port, std::vector<Connections*> all, ConnectionCount& its_count, MakeStream its_make_stream)
      : shards(std::move(all)), count(its_count), make_stream(std::move(its_make_stream)), socket(listen_on(host, port)), port_number(port_of(socket)) {}

  // Hands the connection to the next shard that does not hang. If all hang, to the next one.
  void hand_over(Incoming incoming) {
    auto* to = shards[next_++ % shards.size()];
    for (std::size_t i = 1; i < shards.size() && to->shard().hangs(); ++i) to = shards[next_++ % shards.size()];
    to->adopt(std::move(incoming));
  }

  const std::vector<Connections*> shards;
  ConnectionCount& count;
  const MakeStream make_stream;
  const runtime::Descriptor socket;
  const std::uint16_t port_number;
  runtime::Occasional starved, full;  // bound the lines of the log about the lack of descriptors and about the limit of connections

 private:
  std::atomic<std::size_t> next_ = 0;
};

// Accepts on one shard, on its thread.
class Listener::Acceptor final : public runtime::Poller::Watcher {
 public:
  Acceptor(Door& door, runtime::IoShard& home) : door_(door), home_(home) {}

  void start() {
    home_.run([this] {
      timer_ = home_.make_timer([this] { on_timer(); });
      watch();
    });
  }

  void stop() {
    home_.run([this] {
      if (!timer_) return;
      home_.loop().poller().remove(door_.socket.get(), *this);
      timer_.reset();
      refused_.clear();
    });
  }

 private:
  using Clock = std::chrono::steady_clock;

  void on_ready(bool, bool) override {
    HUBBUB_ASSERT_OWN_THREAD(home_);
    accept();
  }

  void watch() {
    paused_ = !home_.loop().poller().add_shared(door_.socket.get(), *this);
    if (paused_) timer_->arm(std::chrono::milliseconds{pause});
  }

  // Clients that are left are accepted in the next turn: the socket is still ready then.
  void accept() {
    for (int i = 0; i < accepted_in_a_row; ++i) {
      sockaddr_storage peer{};
      socklen_t size = sizeof peer;
      auto* const address = reinterpret_cast<sockaddr*>(&peer);
      runtime::Descriptor accepted{::accept4(door_.socket.get(), address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC)};
      if (accepted) {
        take(std::move(accepted), Address{*address});
        continue;
      }
      if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINVAL) return;  // no client waits, or the port is closed
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) return wait_for_room(errno);
      // Any other error concerns one connection only, which went away before it was accepted.
    }
  }

  void take(runtime::Descriptor accepted, const Address& peer) {
    const int yes = 1;
    ::setsockopt(accepted.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    auto slot = door_.count.take();
    if (!slot) return refuse(std::move(accepted));
    door_.hand_over({door_.make_stream(std::move(accepted)), peer, std::move(*slot)});
  }

  void wait_for_room(int why) {
    if (door_.starved.is_due()) log::error("cannot accept connections for now: {}", text_of(why));
    paused_ = true;
    home_.loop().poller().remove(door_.socket.get(), *this);
    timer_->arm(std::chrono::milliseconds{pause});
  }

  // Answers 503 without reading the client's request. If the socket were closed at once, with the request unread, the kernel would throw
  // the answer away. So the socket stays open for `goodbye`, unless more than `goodbyes` clients are refused meanwhile.
  void refuse(runtime::Descriptor accepted) {
    if (door_.full.is_due()) log::warn("the server is full: see server.connections");
    [[maybe_unused]] const auto sent = ::send(accepted.get(), full.data(), full.size(), MSG_NOSIGNAL);
    ::shutdown(accepted.get(), SHUT_WR);
    if (refused_.size() == goodbyes) refused_.pop_front();
    refused_.emplace_back(Clock::now() + goodbye, std::move(accepted));
    if (refused_.size() == 1 && !paused_) timer_->arm(std::chrono::milliseconds{pause});
  }

  void on_timer() {
    while (!refused_.empty() && refused_.front().first <= Clock::now()) refused_.pop_front();
    if (!refused_.empty()) timer_->arm(std::chrono::milliseconds{pause});
    if (paused_) watch();
  }

  Door& door_;
  runtime::IoShard& home_;
  bool paused_ = false;
  std::deque<std::pair<Clock::time_point, runtime::Descriptor>> refused_;
  std::unique_ptr<runtime::Timer> timer_;  // while it listens
};

Listener::Listener(const std::string& host, std::uint16_t port, std::vector<Connections*> shards, ConnectionCount& count, MakeStream make_stream)
    : door_(std::make_unique<Door>(host, port, std::move(shards), count, std::move(make_stream))) {
  for (auto* connections : door_->shards) acceptors_.push_back(std::make_unique<Acceptor>(*door_, connections->shard()));
}

Listener::~Listener() = default;

std::uint16_t Listener::port() const { return door_->port_number; }

void Listener::start() {
  for (const auto& acceptor : acceptors_) acceptor->start();
}

void Listener::rescue() {
  for (auto* connections : door_->shards) {
    if (!connections->shard().hangs()) continue;
    for (auto& incoming : connections->take_back()) door_->hand_over(std::move(incoming));
  }
}

// The port is closed at once, whatever the shards are doing.
void Listener::stop() {
  ::shutdown(door_->socket.get(), SHUT_RDWR);
  for (const auto& acceptor : acceptors_) acceptor->stop();
}

}  // namespace hubbub::net

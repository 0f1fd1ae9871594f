#include "net/listener.hpp"

#include "net/asio.hpp"  // before the rest of Asio

#include <netinet/tcp.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <chrono>
#include <deque>
#include <stdexcept>
#include <utility>

#include "net/loop.hpp"

namespace hubbub::net {
namespace {

using asio::ip::tcp;
using namespace std::chrono_literals;

constexpr int accepted_in_a_row = 64;
constexpr auto pause = 100ms;       // where there are no descriptors left
constexpr auto goodbye = 1s;        // for a refused client to read why
constexpr std::size_t goodbyes = 64;  // at the same time

constexpr std::string_view full =
    "HTTP/1.1 503 Service Unavailable\r\nServer: hubbub\r\nRetry-After: 10\r\nContent-Type: application/json\r\n"
    "Content-Length: 48\r\nConnection: close\r\n\r\n{\"error\":\"the server is full; try again later\"}\n";

std::runtime_error cannot_listen(const std::string& host, std::uint16_t port, const error_code& error) {
  const auto where = std::to_string(port) + " on " + host;
  if (error == asio::error::address_in_use) {
    return std::runtime_error{"port " + std::to_string(port) + " is already in use on " + host +
                              ": stop the other server or set server.port"};
  }
  if (error == asio::error::access_denied) {
    return std::runtime_error{"not allowed to listen on port " + where + ": set server.port to 1024 or above"};
  }
  if (error.value() == EADDRNOTAVAIL) {
    return std::runtime_error{host + " is not an address of this computer: set server.host to one that is"};
  }
  return std::runtime_error{"cannot listen on port " + where + ": " + error.message()};
}

}  // namespace

class Listener::Acceptor : public std::enable_shared_from_this<Acceptor> {
 public:
  Acceptor(const std::string& host, std::uint16_t port, std::vector<Connections*> shards, ConnectionCount& count)
      : shards_(std::move(shards)), count_(count), home_(shards_.at(0)->shard()), socket_(home_.loop().context()) {
    error_code error;
    const auto address = asio::ip::make_address(host, error);
    if (error) throw std::runtime_error{"\"" + host + "\" is not an IP address: set server.host to one"};
    const tcp::endpoint endpoint{address, port};
    socket_.open(endpoint.protocol(), error);
    if (!error) socket_.set_option(asio::socket_base::reuse_address{true}, error);
    if (!error) socket_.bind(endpoint, error);
    if (!error) socket_.listen(asio::socket_base::max_listen_connections, error);
    if (!error) socket_.non_blocking(true, error);
    if (error) throw cannot_listen(host, port, error);
    port_ = socket_.local_endpoint().port();
  }

  std::uint16_t port() const { return port_; }

  void start() {
    home_.run([self = shared_from_this()] {
      self->timer_ = self->home_.make_timer([acceptor = self.get()] { acceptor->on_timer(); });
      self->wait();
    });
  }

  void stop() {
    home_.run([self = shared_from_this()] {
      error_code ignored;
      self->socket_.close(ignored);
      self->timer_.reset();
      self->refused_.clear();
    });
  }

 private:
  using Clock = std::chrono::steady_clock;

  void wait() {
    socket_.async_wait(tcp::acceptor::wait_read, [self = shared_from_this()](const error_code& error) {
      if (!error) self->accept();
    });
  }

  void accept() {
    for (int i = 0; i < accepted_in_a_row; ++i) {
      Descriptor accepted{::accept4(socket_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)};
      if (accepted) {
        take(std::move(accepted));
        continue;
      }
      if (errno == EAGAIN || errno == EWOULDBLOCK) break;
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) return wait_for_room(errno);
      // Anything else concerns the one connection, which went away before it was accepted.
    }
    wait();
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
      spdlog::error("cannot accept connections for now: {}", error_code{why, boost::system::system_category()}.message());
    }
    paused_ = true;
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
    if (std::exchange(paused_, false)) accept();
  }

  const std::vector<Connections*> shards_;
  ConnectionCount& count_;
  IoShard& home_;
  asio::basic_socket_acceptor<tcp, Executor> socket_;
  std::uint16_t port_ = 0;
  std::size_t next_ = 0;
  bool starved_ = false;  // said once, until there are descriptors again
  bool full_ = false;     // likewise
  bool paused_ = false;
  std::deque<std::pair<Clock::time_point, Descriptor>> refused_;
  std::unique_ptr<rooms::Timer> timer_;
};

Listener::Listener(const std::string& host, std::uint16_t port, std::vector<Connections*> shards,
                   ConnectionCount& count)
    : acceptor_(std::make_shared<Acceptor>(host, port, std::move(shards), count)) {}

Listener::~Listener() = default;

std::uint16_t Listener::port() const { return acceptor_->port(); }
void Listener::start() { acceptor_->start(); }
void Listener::stop() { acceptor_->stop(); }

}  // namespace hubbub::net

#include "net/stream.hpp"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <mutex>

namespace hubbub::net {
namespace {

// The layers of all streams of the process, by socket. Only the thread that has a connection touches its layer; the table only grows.
class Layers {
 public:
  std::unique_ptr<Layer>& operator[](int socket) {
    const auto number = static_cast<std::size_t>(socket);
    return (*block(number / per_block))[number % per_block];
  }

 private:
  static constexpr std::size_t per_block = 1024, most_blocks = 1024;
  using Block = std::array<std::unique_ptr<Layer>, per_block>;

  Block* block(std::size_t number) {
    auto& entry = blocks_.at(number);
    if (auto* found = entry.load(std::memory_order_acquire)) return found;
    const std::lock_guard lock{mutex_};
    if (!entry.load(std::memory_order_relaxed)) entry.store(new Block, std::memory_order_release);
    return entry.load(std::memory_order_relaxed);
  }

  std::mutex mutex_;
  std::array<std::atomic<Block*>, most_blocks> blocks_{};
};

auto& layers = *new Layers;  // never destroyed, because a connection may still be there when the process ends

}  // namespace

void Layer::watch(runtime::Poller& poller, int socket, runtime::Poller::Watcher& connection, runtime::Interest wanted) {
  const auto awaited = awaits(wanted);
  poller.add(socket, *this, awaited);
  poller_ = &poller;
  connection_ = &connection;
  socket_ = socket;
  wanted_ = wanted;
  watched_ = awaited;
  settle();
}

bool Layer::change(runtime::Interest wanted) {
  wanted_ = wanted;
  return settle();
}

void Layer::unwatch() {
  if (poller_) poller_->remove(socket_, *this);
  poller_ = nullptr;
  is_told_again_ = false;
}

// Has the poller watch for what the layer awaits now. Returns false if the kernel refuses.
bool Layer::settle() {
  if (!poller_) return true;
  if (wanted_.reading && has_pending() && !std::exchange(is_told_again_, true)) poller_->tell_again(*this);
  const auto awaited = awaits(wanted_);
  if (awaited == watched_) return true;
  if (!poller_->change(socket_, *this, awaited)) return false;
  watched_ = awaited;
  return true;
}

// The connection is told to try all that it wants, whatever the socket is ready for: the layer may have had to write before it could read,
// or to read before it could write.
void Layer::on_ready(bool readable, bool writable) {
  if (!readable && !writable) is_told_again_ = false;
  const bool has_failed = readable && !watched_.reading;
  go_on(socket_);
  settle();
  const bool reads = wanted_.reading || has_failed;
  if (reads || wanted_.writing) connection_->on_ready(reads, wanted_.writing);  // which may destroy the layer
}

Stream::Stream(runtime::Descriptor socket, std::unique_ptr<Layer> layer) {
  if (!socket) return;
  const bool has_layer = layer != nullptr;
  if (layer) layers[socket.get()] = std::move(layer);  // nothing throws after this
  value_ = socket.release();
  if (has_layer) value_ = first_layered - value_;
}

std::ptrdiff_t Stream::receive_by_layer(std::span<char> buffer) {
  return after_call(layer().receive(socket(), buffer));
}

std::ptrdiff_t Stream::send_by_layer(std::span<const iovec> pieces) { return after_call(layer().send(socket(), pieces)); }

std::ptrdiff_t Stream::send_file(int file, std::uint64_t offset, std::size_t length) {
  if (!is_plain()) return after_call(layer().send_file(socket(), file, offset, length));
  auto from = static_cast<off_t>(offset);
  return ::sendfile(value_, file, &from, length);
}

// Ends a call on the layer: returns what the call has returned, with errno as the call has left it.
std::ptrdiff_t Stream::after_call(std::ptrdiff_t bytes) {
  const auto error = errno;
  if (!layer().settle()) return -1;
  errno = error;
  return bytes;
}

bool Stream::layer_has_unsent() const { return value_ != none && layer().has_unsent(); }

std::optional<std::uint32_t> Stream::taken_so_far() const {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(socket(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return {};
  if (info.tcpi_unacked == 0 && info.tcpi_notsent_bytes == 0) return {};
  return static_cast<std::uint32_t>(info.tcpi_bytes_acked);
}

void Stream::shut_down() {
  if (is_plain()) {
    ::shutdown(value_, SHUT_WR);
  } else if (value_ != none) {
    layer().shut_down(socket());
    layer().settle();
  }
}

void Stream::watch(runtime::Poller& poller, runtime::Poller::Watcher& connection, runtime::Interest wanted) {
  if (is_plain()) return poller.add(value_, connection, wanted);
  layer().watch(poller, socket(), connection, wanted);
}

bool Stream::change(runtime::Poller& poller, runtime::Poller::Watcher& connection, runtime::Interest wanted) {
  return is_plain() ? poller.change(value_, connection, wanted) : layer().change(wanted);
}

void Stream::unwatch(runtime::Poller& poller, runtime::Poller::Watcher& connection) {
  if (is_plain()) return poller.remove(value_, connection);
  layer().unwatch();
}

Layer& Stream::layer() const { return *layers[socket()]; }

void Stream::close() {
  const runtime::Descriptor socket{this->socket()};
  if (!is_plain()) layers[socket.get()].reset();
  value_ = none;
}

}  // namespace hubbub::net

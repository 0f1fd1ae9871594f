// What stands between a connection and its socket. Over plain TCP its calls are the system's; anything else, such as TLS, is a Layer,
// which is asked instead. A connection cannot tell the two apart.
//
// A stream belongs to its connection, and moves with it from shard to shard; it is used on the thread of its current shard alone. It
// takes four bytes, because there may be a great many.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "runtime/descriptor.hpp"
#include "runtime/poller.hpp"
#include "runtime/socket_calls.hpp"

namespace hubbub::net {

// What a stream that is not plain does with its socket. It may read ahead, keep bytes back that the socket does not take, shake
// hands before the first byte, and need to write in order to read, or to read in order to write. No call blocks or throws.
class Layer : private runtime::Poller::Watcher {
 public:
  virtual ~Layer() = default;
  Layer(const Layer&) = delete;
  Layer& operator=(const Layer&) = delete;

 protected:
  Layer() = default;

 private:
  friend class Stream;

  // As the calls of Stream of the same names.
  virtual std::ptrdiff_t receive(int socket, std::span<char> buffer) = 0;
  virtual std::ptrdiff_t send(int socket, std::span<const iovec> pieces) = 0;
  virtual std::ptrdiff_t send_file(int socket, int file, std::uint64_t offset, std::size_t length) = 0;
  virtual void shut_down(int socket) = 0;
  virtual bool has_unsent() const = 0;

  // Whether receive() has something to give of which the socket no longer tells, because the layer has read ahead.
  virtual bool has_pending() const = 0;

  // What the socket has to be ready for, if the connection waits for what is `wanted`, or the layer for something of its own. Asked
  // after each call.
  virtual runtime::Interest awaits(runtime::Interest wanted) const = 0;

  // The socket is ready for something that was awaited: goes on with what the layer does by itself, such as sending what it has
  // kept back. A failure is told by the next receive() or send().
  virtual void go_on(int socket) = 0;

  void watch(runtime::Poller& poller, int socket, runtime::Poller::Watcher& connection, runtime::Interest wanted);
  bool change(runtime::Interest wanted);
  void unwatch();
  bool settle();
  void on_ready(bool readable, bool writable) final;

  runtime::Poller* poller_ = nullptr;  // while it is watched
  runtime::Poller::Watcher* connection_ = nullptr;
  int socket_ = -1;
  runtime::Interest wanted_, watched_;
  bool is_told_again_ = false;  // the poller has been asked for that
};

class Stream {
 public:
  Stream() = default;
  explicit Stream(runtime::Descriptor socket, std::unique_ptr<Layer> layer = nullptr);  // throws std::bad_alloc
  Stream(Stream&& other) noexcept : value_(std::exchange(other.value_, none)) {}
  Stream& operator=(Stream&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Stream() {
    if (value_ != none) close();
  }

  // Takes or gives what is possible at once, and returns how many bytes that was. -1: errno says why not; runtime::is_for_later(errno):
  // when the connection is told again that the stream is ready. receive() returns 0 if nothing more will come.
  std::ptrdiff_t receive(std::span<char> buffer) {
    if (is_plain()) [[likely]] return runtime::receive_some(value_, buffer);
    return receive_by_layer(buffer);
  }
  std::ptrdiff_t send(std::string_view bytes) {
    if (is_plain()) [[likely]] return runtime::send_some(value_, bytes);
    const iovec piece{const_cast<char*>(bytes.data()), bytes.size()};
    return send_by_layer({&piece, 1});
  }
  std::ptrdiff_t send(std::span<const iovec> pieces) {
    if (is_plain()) [[likely]] return runtime::send_some(value_, pieces);
    return send_by_layer(pieces);
  }
  std::ptrdiff_t send_file(int file, std::uint64_t offset, std::size_t length);

  // Whether something that was sent would be lost if the stream were closed now. It leaves by itself, but for a last part it has to be
  // waited for: the stream is ready for writing when it has left.
  bool has_unsent() const { return !is_plain() && layer_has_unsent(); }

  // Nothing more will be sent; what comes can still be received.
  void shut_down();

  // Tells `connection` when the stream is ready, as the poller would, until unwatch(). A layer may tell it too often. watch() throws
  // std::system_error if the kernel has no room; change() returns false if the kernel refuses.
  void watch(runtime::Poller& poller, runtime::Poller::Watcher& connection, runtime::Interest wanted);
  bool change(runtime::Poller& poller, runtime::Poller::Watcher& connection, runtime::Interest wanted);
  void unwatch(runtime::Poller& poller, runtime::Poller::Watcher& connection);

 private:
  static constexpr int none = -1;
  static constexpr int first_layered = -2;  // -2 is socket 0 with a layer, -3 is socket 1 with one, …

  bool is_plain() const { return value_ >= 0; }
  int socket() const { return is_plain() ? value_ : first_layered - value_; }
  Layer& layer() const;
  std::ptrdiff_t receive_by_layer(std::span<char> buffer);
  std::ptrdiff_t send_by_layer(std::span<const iovec> pieces);
  std::ptrdiff_t after_call(std::ptrdiff_t bytes);
  bool layer_has_unsent() const;
  void close();

  int value_ = none;
};

}  // namespace hubbub::net

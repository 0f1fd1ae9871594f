// What stands between a connection and its socket. Over plain TCP, a call on a stream is a system call. Over anything else, such as TLS,
// it is a call on a Layer. A connection cannot tell the two apart.
//
// A stream belongs to its connection, and moves with it from shard to shard; it is used on the thread of its current shard alone. A stream
// takes four bytes, because there may be a great many.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "runtime/descriptor.hpp"
#include "runtime/poller.hpp"
#include "runtime/socket_calls.hpp"

namespace hubbub::net {

// What a stream that is not plain TCP does with its socket. A layer may read ahead, keep bytes back that the socket does not take, and
// shake hands before the first byte. It may have to write before it can read, or to read before it can write. No call blocks or throws.
class Layer : private runtime::Poller::Watcher {
 public:
  virtual ~Layer() = default;
  Layer(const Layer&) = delete;
  Layer& operator=(const Layer&) = delete;

 protected:
  Layer() = default;

 private:
  friend class Stream;

  // These do what Stream's functions of the same names promise.
  virtual std::ptrdiff_t receive(int socket, std::span<char> buffer) = 0;
  virtual std::ptrdiff_t send(int socket, std::span<const iovec> pieces) = 0;
  virtual std::ptrdiff_t send_file(int socket, int file, std::uint64_t offset, std::size_t length) = 0;
  virtual void shut_down(int socket) = 0;
  virtual bool has_unsent() const = 0;

  // Whether the layer has read ahead: receive() has bytes to give even if the socket has none.
  virtual bool has_pending() const = 0;

  // Returns what the socket must be ready for: so that the connection gets what it has `wanted`, and the layer can do its own work. Called
  // after each other call.
  virtual runtime::Interest awaits(runtime::Interest wanted) const = 0;

  // Called when the socket is ready for what the layer awaits: goes on with the layer's own work, such as sending bytes that it has kept
  // back. The next receive() or send() reports a failure.
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
  bool is_told_again_ = false;  // Poller::tell_again() has been called, and has not called back yet
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

  // Receive or send as many bytes as is possible at once, and return how many that were. If that fails they return -1, and errno says why:
  // if runtime::is_for_later(errno), the caller tries again when the stream is ready. receive() returns 0 if nothing more will come.
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

  // Whether the layer still has bytes that were sent, and that would be lost if the stream were closed now. They leave by themselves; the
  // stream is ready for writing when they have left.
  bool has_unsent() const { return !is_plain() && layer_has_unsent(); }

  // Returns nothing if the peer's system has taken all bytes that were sent, else how many bytes it has taken so far, modulo 2^32. Makes a
  // system call.
  std::optional<std::uint32_t> taken_so_far() const;

  // Ends sending; receive() still works.
  void shut_down();

  // Until unwatch(), `connection` is told when the stream is ready, as by the poller. A layer may also tell it when nothing can be read or
  // written. watch() throws std::system_error if the kernel has no room; change() returns false if the kernel refuses.
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

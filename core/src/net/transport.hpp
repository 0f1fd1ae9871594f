// What a WebSocket stream of Beast's reads from and writes to: the socket, with the writes collected, so that the session
// writes all of a turn at once and in an order of its own (see WebsocketSession).
//
// Each write of the stream is a whole frame, is taken whole or not at all, and is done at once unless much is waiting
// already. Belongs to its session, on whose thread everything happens.
#pragma once

#include "net/asio.hpp"  // first, as it says

#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/core/saved_handler.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace hubbub::net {

class Transport {
 public:
  using executor_type = Executor;

  class Owner {
   public:
    virtual void on_bytes_read() = 0;
    virtual bool admits(std::string_view frame) = 0;  // whether what the stream writes is to be sent

   protected:
    ~Owner() = default;
  };

  // `early` was read from the socket already.
  Transport(Socket socket, std::string early, Owner& owner)
      : socket_(std::move(socket)), early_(std::move(early)), owner_(owner) {}

  executor_type get_executor() { return socket_.get_executor(); }
  Socket& socket() { return socket_; }

  std::string_view collected() const { return std::string_view{collected_}.substr(taken_); }

  // The socket has taken that much of collected().
  void take(std::size_t bytes) {
    taken_ += bytes;
    if (taken_ < collected_.size()) return;
    collected_.clear();
    taken_ = 0;
    if (collected_.capacity() > kept) collected_.shrink_to_fit();
    waiting_.maybe_invoke();
  }

  // Adds a frame of the session's own.
  void collect(std::string_view bytes) { collected_ += bytes; }

  // Fails the write that is waiting, which may hold on to the session, and closes the socket.
  void close() {
    error_code ignored;
    socket_.close(ignored);
    waiting_.maybe_invoke();
  }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_compose<Token, void(error_code, std::size_t)>(
        [this, buffers, begun = false](auto& self, error_code error = {}, std::size_t bytes = 0) mutable {
          if (begun) {
            if (bytes != 0) owner_.on_bytes_read();
            return self.complete(error, bytes);
          }
          begun = true;
          if (early_.empty()) {
            const auto into = buffers;  // `buffers` moves away with `self`
            return socket_.async_read_some(into, std::move(self));
          }
          const auto copied = asio::buffer_copy(buffers, asio::buffer(early_));
          early_.erase(0, copied);
          asio::post(get_executor(), [self = std::move(self), copied]() mutable { self(error_code{}, copied); });
        },
        token, socket_);
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, const Buffers& pieces) {
          const auto before = collected_.size();
          for (const auto piece : boost::beast::buffers_range_ref(pieces)) {
            collected_.append(static_cast<const char*>(piece.data()), piece.size());
          }
          const auto bytes = collected_.size() - before;
          if (!owner_.admits(std::string_view{collected_}.substr(before))) collected_.resize(before);
          auto done = [this, handler = std::move(handler), bytes](error_code = {}) mutable {
            const bool open = socket_.is_open();
            std::move(handler)(open ? error_code{} : asio::error::operation_aborted, open ? bytes : 0);
          };
          if (collected_.size() < enough || !socket_.is_open()) {
            asio::post(get_executor(), std::move(done));
          } else {
            waiting_.emplace(std::move(done));
          }
        },
        token, buffers);
  }

  // The two customisations that Beast looks for. Ending the connection is for the session, which knows what is unsent.
  template <class Handler>
  friend void async_teardown(boost::beast::role_type, Transport& transport, Handler&& handler) {
    asio::post(transport.get_executor(), [handler = std::forward<Handler>(handler)]() mutable { handler(error_code{}); });
  }
  friend void beast_close_socket(Transport& transport) { transport.close(); }

 private:
  static constexpr std::size_t enough = 16 * 1024;  // as much as one call writes well
  static constexpr std::size_t kept = 1024;         // between two writes

  Socket socket_;
  std::string early_;
  Owner& owner_;
  std::string collected_;
  std::size_t taken_ = 0;
  boost::beast::saved_handler waiting_;
};

}  // namespace hubbub::net

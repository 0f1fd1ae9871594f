// Streams that use all the freedom that a stream has (see net/stream.hpp). The environment variable HUBBUB_TEST_STREAM names the one
// that all servers of a test program use: every test of a connection holds with each of them.
#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/listener.hpp"
#include "net/stream.hpp"

namespace hubbub::net::test {

// Does what the socket does, for others to change.
class Through : public Layer {
 protected:
  std::ptrdiff_t receive(int socket, std::span<char> buffer) override { return runtime::receive_some(socket, buffer); }
  std::ptrdiff_t send(int socket, std::span<const iovec> pieces) override { return runtime::send_some(socket, pieces); }
  std::ptrdiff_t send_file(int socket, int file, std::uint64_t offset, std::size_t length) override {
    auto from = static_cast<off_t>(offset);
    return ::sendfile(socket, file, &from, length);
  }
  void shut_down(int socket) override { ::shutdown(socket, SHUT_WR); }
  bool has_unsent() const override { return false; }
  bool has_pending() const override { return false; }
  runtime::Interest awaits(runtime::Interest wanted) const override { return wanted; }
  void go_on(int) override {}

  static std::ptrdiff_t for_later() {
    errno = EAGAIN;
    return -1;
  }
};

// Gives one byte at a time, up to the first few of each burst, and takes one byte with every other call. (With one byte always, a
// test of megabytes takes minutes.)
class OneByte final : public Through {
  std::ptrdiff_t receive(int socket, std::span<char> buffer) override {
    const auto count = Through::receive(socket, in_burst_ < 64 ? buffer.first(1) : buffer);
    in_burst_ = count > 0 ? in_burst_ + 1 : 0;
    return count;
  }
  std::ptrdiff_t send(int socket, std::span<const iovec> pieces) override {
    const auto first = std::ranges::find_if(pieces, [](const iovec& piece) { return piece.iov_len != 0; });
    took_one_ = !took_one_;
    if (!took_one_ || first == pieces.end()) return Through::send(socket, pieces);
    const iovec byte{first->iov_base, 1};
    return Through::send(socket, {&byte, 1});
  }
  std::ptrdiff_t send_file(int socket, int file, std::uint64_t offset, std::size_t length) override {
    took_one_ = !took_one_;
    return Through::send_file(socket, file, offset, took_one_ ? 1 : length);
  }

  int in_burst_ = 0;
  bool took_one_ = false;
};

// Refuses every other call of a kind, though the socket is ready.
class Reluctant final : public Through {
  std::ptrdiff_t receive(int socket, std::span<char> buffer) override {
    return refuses(receiving_) ? for_later() : Through::receive(socket, buffer);
  }
  std::ptrdiff_t send(int socket, std::span<const iovec> pieces) override {
    return refuses(sending_) ? for_later() : Through::send(socket, pieces);
  }
  std::ptrdiff_t send_file(int socket, int file, std::uint64_t offset, std::size_t length) override {
    return refuses(sending_) ? for_later() : Through::send_file(socket, file, offset, length);
  }
  static bool refuses(bool& refused) { return refused = !refused; }

  bool receiving_ = false, sending_ = false;
};

// Behaves as TLS does. It gives nothing before it could write once. It reads ahead, a record at a time, and gives that in pieces. What
// is sent it takes and keeps, a record at a time too, until the socket is ready, and shuts down behind that.
class Hoarder final : public Through {
  static constexpr std::size_t record = 16 * 1024;

  std::ptrdiff_t receive(int socket, std::span<char> buffer) override {
    if (!has_shaken_hands_) return for_later();
    if (ahead_.empty()) {
      std::array<char, record> bytes{};
      const auto count = Through::receive(socket, bytes);
      if (count <= 0) return count;
      ahead_.assign(bytes.data(), static_cast<std::size_t>(count));
    }
    const auto count = std::min({ahead_.size(), buffer.size(), std::size_t{700}});
    std::memcpy(buffer.data(), ahead_.data(), count);
    ahead_.erase(0, count);
    return static_cast<std::ptrdiff_t>(count);
  }

  std::ptrdiff_t send(int, std::span<const iovec> pieces) override {
    if (failure_ != 0) return errno = failure_, -1;
    if (!has_shaken_hands_ || !unsent_.empty()) return for_later();
    for (const auto& piece : pieces) unsent_.append(static_cast<const char*>(piece.iov_base), std::min(piece.iov_len, record - unsent_.size()));
    return static_cast<std::ptrdiff_t>(unsent_.size());
  }

  std::ptrdiff_t send_file(int socket, int file, std::uint64_t offset, std::size_t length) override {
    std::array<char, record> bytes{};
    const auto count = ::pread(file, bytes.data(), std::min(length, record), static_cast<off_t>(offset));
    if (count <= 0) return count;
    const iovec piece{bytes.data(), static_cast<std::size_t>(count)};
    return send(socket, {&piece, 1});
  }

  void shut_down(int socket) override {
    is_shut_ = true;
    go_on(socket);
  }

  bool has_unsent() const override { return !unsent_.empty(); }
  bool has_pending() const override { return !ahead_.empty(); }
  runtime::Interest awaits(runtime::Interest wanted) const override {
    if (!has_shaken_hands_) return {.writing = true};
    return {wanted.reading, wanted.writing || has_unsent()};
  }

  void go_on(int socket) override {
    has_shaken_hands_ = true;
    if (has_unsent()) {
      const auto count = runtime::send_some(socket, unsent_);
      if (count > 0) unsent_.erase(0, static_cast<std::size_t>(count));
      if (count < 0 && !runtime::is_for_later(errno)) {
        failure_ = errno;
        unsent_.clear();
      }
    }
    if (is_shut_ && !has_unsent()) Through::shut_down(socket);
  }

  std::string ahead_, unsent_;
  bool has_shaken_hands_ = false;
  bool is_shut_ = false;
  int failure_ = 0;
};

// Ends after so many bytes that it has received, whatever the client goes on to send.
class EndsAfter final : public Through {
 public:
  explicit EndsAfter(std::size_t bytes) : left_(bytes) {}

 private:
  std::ptrdiff_t receive(int socket, std::span<char> buffer) override {
    if (left_ == 0) return 0;
    const auto count = Through::receive(socket, buffer.first(std::min(buffer.size(), left_)));
    if (count > 0) left_ -= static_cast<std::size_t>(count);
    return count;
  }
  bool has_pending() const override { return left_ == 0; }  // which is its end

  std::size_t left_;
};

template <class Kind, class... Arguments>
MakeStream made_of(Arguments... arguments) {
  return [arguments...](runtime::Descriptor accepted) { return net::Stream{std::move(accepted), std::make_unique<Kind>(arguments...)}; };
}

inline MakeStream mean_stream() {
  const auto* const name = std::getenv("HUBBUB_TEST_STREAM");
  const std::string_view kind = name ? name : "plain";
  if (kind == "plain") return plain;
  if (kind == "one_byte") return made_of<OneByte>();
  if (kind == "reluctant") return made_of<Reluctant>();
  if (kind == "hoarder") return made_of<Hoarder>();
  throw std::invalid_argument{"HUBBUB_TEST_STREAM: there is no stream " + std::string{kind}};
}

}  // namespace hubbub::net::test

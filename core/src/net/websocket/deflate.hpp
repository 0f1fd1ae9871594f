// Compression of messages, permessage-deflate (RFC 7692), through zlib: inflating a client's and deflating the server's.
//
// Each message is compressed by itself: neither side keeps a window from one message to the next ("no context takeover"). So one inflater
// and one deflater serve all connections of a shard, on its thread. A compressed message is the joined payload of its frames, without the
// four bytes 00 00 FF FF at its end, which are not sent (RFC 7692, 7.2.1). All calls may throw std::bad_alloc.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/own_thread.hpp"

struct z_stream_s;

namespace hubbub::net {

constexpr int largest_window = 15;  // base-2 logarithm of the size in bytes (RFC 7692, 7.1.2)

// The most bytes that a reasonable encoder, which flushes now and then, makes of a message of `size` bytes.
constexpr std::size_t most_deflated(std::size_t size) { return size + size / 4 + 1024; }

class Inflater {
 public:
  enum class Result { ok, too_big, corrupt };

  Inflater();

  // Inflates a whole message of at most `max` bytes, and spends neither time nor memory on more, whatever the input. `message` is valid
  // until the next call. A truncated message is corrupt.
  Result inflate(std::string_view compressed, std::size_t max, std::string_view& message);

 private:
  struct End {
    void operator()(z_stream_s* stream) const;
  };

  Result run(std::string_view input, std::size_t max);

  [[no_unique_address]] runtime::OwnThread thread_;
  std::unique_ptr<z_stream_s, End> stream_;
  std::string buffer_;
  std::size_t size_ = 0;   // bytes of buffer_ that have been made
  bool between_ = true;    // at the beginning of a DEFLATE stream, or behind its final block
};

class Deflater {
 public:
  // Appends to `out` the compressed `payload` (less than 4 GiB), for a client with a window of 2^window_bits bytes (8 to 15).
  void deflate(std::string_view payload, int window_bits, std::string& out);

 private:
  struct End {
    void operator()(z_stream_s* stream) const;
  };

  z_stream_s& stream_for(int window_bits);

  [[no_unique_address]] runtime::OwnThread thread_;
  std::array<std::unique_ptr<z_stream_s, End>, 8> streams_;  // each is made on its first use
};

}  // namespace hubbub::net

// Compression of messages, permessage-deflate (RFC 7692), through zlib: inflating a client's and deflating the server's.
//
// Every message stands for itself: neither side keeps its window from one to the next ("no context takeover"), so that one of
// each serves all connections of a shard, on its thread. A compressed message is the payload of its frames, put together,
// without the four bytes that both sides leave out. Throws std::bad_alloc.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct z_stream_s;

namespace hubbub::net {

// The most bytes that a reasonable encoder makes of a message of `size` bytes, flushed now and then.
constexpr std::size_t most_deflated(std::size_t size) { return size + size / 4 + 1024; }

class Inflater {
 public:
  enum class Result { ok, too_big, corrupt };

  Inflater();

  // `message` is in here until the next call. Never makes more than `max` bytes, whatever the input, and takes time and
  // memory for no more. Corrupt is also what ends in the middle.
  Result inflate(std::string_view compressed, std::size_t max, std::string_view& message);

 private:
  struct End {
    void operator()(z_stream_s* stream) const;
  };

  Result run(std::string_view input, std::size_t max);

  std::unique_ptr<z_stream_s, End> stream_;
  std::string buffer_;
  std::size_t size_ = 0;   // of what has been made
  bool between_ = true;    // at the beginning of a DEFLATE stream, or behind the final block of one
};

class Deflater {
 public:
  // Adds to `out` the compressed `payload` (less than 4 GiB) for a client that keeps a window of 2^window_bits bytes, 8 to 15.
  void deflate(std::string_view payload, int window_bits, std::string& out);

 private:
  struct End {
    void operator()(z_stream_s* stream) const;
  };

  z_stream_s& stream_for(int window_bits);

  std::array<std::unique_ptr<z_stream_s, End>, 8> streams_;  // made when they are first needed
};

}  // namespace hubbub::net

// permessage-deflate (RFC 7692) for a load. If the server does not keep its window between messages, each message is
// inflated on its own, and only once for all members of a room. Used on one thread. Needs zlib.
#pragma once

#include <zlib.h>

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace hubbub::bench {

class Inflater {
 public:
  Inflater() {
    if (::inflateInit2(&stream_, -15) != Z_OK) throw std::runtime_error{"zlib has no memory"};
  }
  Inflater(const Inflater&) = delete;
  ~Inflater() { ::inflateEnd(&stream_); }

  // Valid until the next call. Throws std::runtime_error if the bytes are not valid or inflate to more than 16 MiB.
  std::string_view inflate(std::string_view payload, bool carried_over) {
    if (!carried_over) ::inflateReset(&stream_);
    std::size_t size = 0;
    feed(payload, size);
    feed({"\x00\x00\xff\xff", 4}, size);
    return {text_.data(), size};
  }

 private:
  void feed(std::string_view bytes, std::size_t& size) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      if (text_.size() - size < 4096) text_.resize(text_.size() * 2);
      if (text_.size() > (32u << 20)) throw std::runtime_error{"a compressed message is too large"};
      stream_.next_out = reinterpret_cast<Bytef*>(text_.data() + size);
      stream_.avail_out = static_cast<uInt>(text_.size() - size);
      const auto result = ::inflate(&stream_, Z_SYNC_FLUSH);
      if (result != Z_OK && result != Z_BUF_ERROR) throw std::runtime_error{"a compressed message cannot be inflated"};
      size = text_.size() - stream_.avail_out;
    } while (stream_.avail_out == 0 || stream_.avail_in > 0);
  }

  z_stream stream_{};
  std::string text_ = std::string(16384, '\0');
};

class Deflater {
 public:
  Deflater() {
    if (::deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::runtime_error{"zlib has no memory"};
    }
  }
  Deflater(const Deflater&) = delete;
  ~Deflater() { ::deflateEnd(&stream_); }

  // Valid until the next call.
  std::string_view deflate(std::string_view text) {
    ::deflateReset(&stream_);
    bytes_.resize(::deflateBound(&stream_, text.size()) + 16);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream_.avail_in = static_cast<uInt>(text.size());
    stream_.next_out = reinterpret_cast<Bytef*>(bytes_.data());
    stream_.avail_out = static_cast<uInt>(bytes_.size());
    ::deflate(&stream_, Z_SYNC_FLUSH);
    return {bytes_.data(), bytes_.size() - stream_.avail_out - 4};  // without the empty block at the end
  }

 private:
  z_stream stream_{};
  std::string bytes_;
};

// The `ref` of compressed messages seen recently. Two messages with the same 64-bit hash would be taken for one, and the
// order would seem wrong.
class InflatedRefs {
 public:
  std::optional<std::uint64_t> find(std::string_view payload) {
    last_ = std::hash<std::string_view>{}(payload);
    const auto& slot = slots_[last_ % slots_.size()];
    return slot.hash == last_ ? std::optional{slot.ref} : std::nullopt;
  }

  // Keeps the `ref` of the payload that was looked for last.
  void keep(std::uint64_t ref) { slots_[last_ % slots_.size()] = {last_, ref}; }

 private:
  struct Slot {
    std::uint64_t hash = 0, ref = 0;
  };
  std::array<Slot, 4096> slots_{};
  std::uint64_t last_ = 0;
};

}  // namespace hubbub::bench

#include "net/websocket/deflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

namespace hubbub::net {
namespace {

using namespace std::string_view_literals;

// The end of an empty block without compression. Every compressed message ends so, and is sent without it (RFC 7692, 7.2.1).
constexpr auto tail = "\x00\x00\xFF\xFF"sv;

constexpr std::size_t first_buffer = 4 * 1024;
constexpr std::size_t kept_buffer = 256 * 1024;  // between two messages

constexpr int level = 6;
constexpr int memory_level = 5;  // the memory that is cleared for each message grows with it, and most messages are short

// `text` in the type that zlib wants, even for input, which it does not change.
Bytef* bytes(std::string_view text) { return reinterpret_cast<Bytef*>(const_cast<char*>(text.data())); }

uInt at_once(std::size_t size) {
  return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

void check(int status) {
  if (status != Z_OK) throw std::bad_alloc{};  // the only failure that is possible here
}

}  // namespace

void Inflater::End::operator()(z_stream_s* stream) const {
  inflateEnd(stream);
  delete stream;
}

Inflater::Inflater() : stream_(new z_stream{}) { check(inflateInit2(stream_.get(), -largest_window)); }

Inflater::Result Inflater::inflate(std::string_view compressed, std::size_t max, std::string_view& message) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  if (buffer_.size() > kept_buffer) std::string{}.swap(buffer_);
  size_ = 0;
  between_ = true;
  inflateReset(stream_.get());
  auto result = run(compressed, max);
  // The tail completes the last block, unless that was a final one, or there was none.
  if (result == Result::ok && !between_) result = run(tail, max);
  // After each call, data_type says whether zlib has stopped between two blocks (128), and how many bits it has read beyond (0 to 63).
  if (result == Result::ok && !between_ && (stream_->data_type & (128 | 63)) != 128) return Result::corrupt;
  message = std::string_view{buffer_}.substr(0, size_);
  return result;
}

Inflater::Result Inflater::run(std::string_view input, std::size_t max) {
  bool more = !input.empty();
  while (more) {
    if (size_ == buffer_.size()) buffer_.resize(std::clamp(2 * size_, first_buffer, std::max(max, first_buffer) + 1));
    stream_->next_in = bytes(input);
    stream_->avail_in = at_once(input.size());
    stream_->next_out = bytes(buffer_) + size_;
    stream_->avail_out = at_once(buffer_.size() - size_);
    const int status = ::inflate(stream_.get(), Z_SYNC_FLUSH);
    input = input.substr(static_cast<std::size_t>(reinterpret_cast<const char*>(stream_->next_in) - input.data()));
    size_ = static_cast<std::size_t>(reinterpret_cast<const char*>(stream_->next_out) - buffer_.data());
    if (size_ > max) return Result::too_big;
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) return Result::corrupt;
    between_ = status == Z_STREAM_END;
    if (between_) inflateReset(stream_.get());  // RFC 7692, 7.2.3.5: a new DEFLATE stream may follow a final block
    more = !input.empty() || (stream_->avail_out == 0 && !between_);
  }
  return Result::ok;
}

void Deflater::End::operator()(z_stream_s* stream) const {
  deflateEnd(stream);
  delete stream;
}

// zlib cannot deflate for a window of 256 bytes. With run-length encoding nothing refers back by more than one byte, so any window will do.
z_stream_s& Deflater::stream_for(int window_bits) {
  auto& stream = streams_.at(static_cast<std::size_t>(window_bits - 8));
  if (stream) return *stream;
  stream.reset(new z_stream{});
  const int strategy = window_bits == 8 ? Z_RLE : Z_DEFAULT_STRATEGY;
  const int status = deflateInit2(stream.get(), level, Z_DEFLATED, -std::max(window_bits, 9), memory_level, strategy);
  if (status != Z_OK) stream.reset();
  check(status);
  return *stream;
}

void Deflater::deflate(std::string_view payload, int window_bits, std::string& out) {
  HUBBUB_ASSERT_OWN_THREAD(thread_);
  auto& stream = stream_for(window_bits);
  deflateReset(&stream);
  stream.next_in = bytes(payload);
  stream.avail_in = at_once(payload.size());
  auto size = out.size();
  do {
    out.resize(size + std::max<std::size_t>(64, deflateBound(&stream, stream.avail_in)));
    stream.next_out = bytes(out) + size;
    stream.avail_out = at_once(out.size() - size);
    ::deflate(&stream, Z_SYNC_FLUSH);
    size = out.size() - stream.avail_out;
  } while (stream.avail_out == 0);
  out.resize(size - tail.size());
}

}  // namespace hubbub::net

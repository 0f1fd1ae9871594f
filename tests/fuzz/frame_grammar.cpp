#include "frame_grammar.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace hubbub::fuzz {
namespace {

enum Op : unsigned { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

class Writer {
 public:
  Writer(FuzzedDataProvider& input, bool deflate) : input_(input), deflate_(deflate) {}

  std::string write() {
    while (input_.remaining_bytes() != 0 && bytes_.size() < 100'000) {
      const auto what = below(20);
      if (what < 13) add_message();
      else if (what < 17) add_control();
      else if (what < 19) add_odd_frame();
      else bytes_ += some(20);
    }
    return std::move(bytes_);
  }

 private:
  unsigned below(unsigned end) { return input_.ConsumeIntegralInRange(0U, end - 1); }
  bool one_in(unsigned n) { return below(n) == n - 1; }  // false at the end of the input
  std::string some(std::size_t most) { return input_.ConsumeRandomLengthString(most); }

  void add_message() {
    const bool is_text = input_.ConsumeBool();
    const bool compressed = deflate_ ? !one_in(3) : one_in(50);
    auto payload = is_text ? characters() : some(200);
    if (one_in(4)) payload = repeated(payload);
    if (compressed) payload = deflated(payload);
    const auto fragments = one_in(2) ? 1 + below(5) : 1;
    for (unsigned i = 1; i <= fragments; ++i) {
      const auto size = i == fragments ? payload.size() : std::min<std::size_t>(below(40), payload.size());
      add_frame(i == fragments, i == 1 && compressed ? 4 : 0, i != 1 ? continuation : is_text ? text : binary, payload.substr(0, size));
      payload.erase(0, size);
      if (i != fragments && one_in(3)) add_control();
    }
  }

  void add_control() {
    const auto what = below(8);
    if (what < 4) return add_frame(true, 0, ping, some(125));
    if (what < 7) return add_frame(true, 0, pong, some(125));
    static constexpr std::array codes = {1000U, 1001U, 1004U, 1005U, 1006U, 1012U, 1014U, 1015U, 2999U, 3000U, 4999U, 5000U};
    const auto code = one_in(4) ? below(0x10000) : codes.at(below(codes.size()));
    std::string payload{static_cast<char>(code >> 8U), static_cast<char>(code & 0xFFU)};
    payload += characters().substr(0, 123);
    if (one_in(6)) payload.resize(below(3));
    add_frame(true, 0, close, payload);
  }

  void add_odd_frame() {
    const bool fin = input_.ConsumeBool();
    add_frame(fin, one_in(4) ? below(8) : 0, below(16), one_in(4) ? repeated("x") : some(30));
  }

  void add_frame(bool fin, unsigned reserved, unsigned opcode, std::string payload) {
    const bool masked = !one_in(100);
    std::uint64_t size = payload.size();
    unsigned length = size < 126 ? 0 : size < 0x10000 ? 2 : 8;
    if (one_in(60)) length = input_.ConsumeBool() ? 2 : 8;  // not the shortest form, or not the whole length
    if (one_in(60)) size = input_.ConsumeIntegral<std::uint64_t>(), length = 8;
    if (one_in(60)) size += below(3);
    add((fin ? 0x80U : 0U) | reserved << 4U | opcode);
    add((masked ? 0x80U : 0U) | static_cast<unsigned>(length == 2 ? 126 : length == 8 ? 127 : size & 0x7FU));
    for (unsigned i = length; i-- > 0;) add(static_cast<unsigned>(size >> (8 * i)));
    if (masked) {
      const auto key = input_.ConsumeIntegral<std::uint32_t>();
      for (unsigned i = 0; i < 4; ++i) add(key >> (8 * i));
      for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(payload[i] ^ static_cast<char>(key >> (8 * (i % 4))));
    }
    bytes_ += payload;
  }

  // Mostly UTF-8.
  std::string characters() {
    static constexpr std::array<std::string_view, 16> pieces = {
        "plain ascii that is longer than eight", "a", "\xC3\xBC", "\xE2\x82\xAC", "\xED\x9F\xBF", "\xEF\xBF\xBF", "\xF0\x9F\x8E\x89", "\xF4\x8F\xBF\xBF",
        "\xF0\x90\x80\x80", "\xE0\xA0\x80", "\xC2\x80", "\xEE\x80\x80", "\xF4\x90\x80\x80", "\xED\xA0\x80", "\xE2\x82", "\xFF"};
    std::string made;
    const bool right = !one_in(5);
    for (unsigned count = below(12); count != 0; --count) made += pieces.at(below(right ? 12 : pieces.size()));
    if (one_in(10)) made += some(10);
    return made;
  }

  std::string repeated(const std::string& what) {
    std::string made;
    for (unsigned count = 1 + below(3) * below(1000); count != 0 && made.size() < 50'000; --count) made += what;
    return made;
  }

  // Like some encoder does it, and now and then with a mistake.
  std::string deflated(std::string payload) {
    if (one_in(10)) return some(100);
    z_stream stream{};
    const int window_bits = -9 - static_cast<int>(below(7));
    const int level = static_cast<int>(below(10)), memory = 1 + static_cast<int>(below(9)), strategy = static_cast<int>(below(5));
    deflateInit2(&stream, level, Z_DEFLATED, window_bits, memory, strategy);
    static constexpr std::array flushes = {Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_PARTIAL_FLUSH, Z_BLOCK};
    const std::size_t half = one_in(2) ? payload.size() / 2 : payload.size();
    std::string made;
    press(stream, {payload.data(), half}, flushes.at(below(flushes.size())), made);
    const bool final = one_in(6);
    press(stream, {payload.data() + half, payload.size() - half}, final ? Z_FINISH : Z_SYNC_FLUSH, made);
    deflateEnd(&stream);
    if (final && !one_in(3)) made += '\0';
    if (!final) made.resize(made.size() - std::min<std::size_t>(4, made.size()));
    if (one_in(12)) made.resize(made.size() - std::min<std::size_t>(below(5), made.size()));
    if (one_in(12)) made += deflated(payload);
    return made;
  }

  static void press(z_stream& stream, std::string_view payload, int flush, std::string& made) {
    std::array<char, 1024> buffer;
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(payload.data()));
    stream.avail_in = static_cast<uInt>(payload.size());
    do {
      stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
      stream.avail_out = buffer.size();
      ::deflate(&stream, flush);
      made.append(buffer.data(), buffer.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  }

  void add(unsigned octet) { bytes_ += static_cast<char>(octet & 0xFFU); }

  FuzzedDataProvider& input_;
  bool deflate_;
  std::string bytes_;
};

}  // namespace

Script make_script(FuzzedDataProvider& input) {
  Script script;
  script.deflate = input.ConsumeBool();
  script.max_message = input.PickValueInArray<std::size_t>({1, 125, 1000, 5000, 70'000});
  const bool slow = input.ConsumeBool();
  const auto count = input.ConsumeIntegralInRange(0U, slow ? 200U : 20U);
  for (unsigned i = 0; i < count; ++i) script.cuts.push_back(input.ConsumeIntegralInRange(1U, slow ? 3U : 400U));
  const bool noise = input.ConsumeIntegralInRange(0, 9) == 9;
  script.bytes = noise ? input.ConsumeRemainingBytesAsString() : Writer{input, script.deflate}.write();
  return script;
}

std::string make_offers(FuzzedDataProvider& input) {
  static constexpr std::array<const char*, 24> pieces = {
      "permessage-deflate", "permessage-deflate", ";", "; ", ";", ",", ", ", " ", "\t", "=", "\"", "\\", "8", "9", "10", "15", "1",
      "server_max_window_bits", "client_max_window_bits", "server_max_window_bits=", "client_max_window_bits=",
      "; server_no_context_takeover", "; client_no_context_takeover", "x-other"};
  std::string offers;
  while (input.remaining_bytes() != 0 && offers.size() < 300) {
    if (input.ConsumeIntegralInRange(0, 15) == 15) offers += static_cast<char>(input.ConsumeIntegralInRange(0x20, 0x7E));
    else offers += pieces.at(input.ConsumeIntegralInRange<std::size_t>(0, pieces.size() - 1));
  }
  return offers;
}

}  // namespace hubbub::fuzz

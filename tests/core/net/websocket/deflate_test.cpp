#include "net/websocket/deflate.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>
#include <vector>

#include "core/net/allocations.hpp"
#include "net/websocket/deflate_offer.hpp"

namespace hubbub::net::test {
namespace {

using namespace std::string_literals;
using Result = Inflater::Result;

std::string deflated(std::string_view payload, int window_bits = 15) {
  Deflater deflater;
  std::string out;
  deflater.deflate(payload, window_bits, out);
  return out;
}

// As a client does it whose window has exactly that size; nothing where it cannot.
std::string inflated_by_client(std::string compressed, int window_bits, std::size_t size) {
  z_stream stream{};
  std::string out(size + 1, '\0');
  compressed += "\x00\x00\xFF\xFF"s;
  stream.next_in = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_in = static_cast<uInt>(compressed.size());
  EXPECT_EQ(inflateInit2(&stream, -window_bits), Z_OK);
  // In small pieces, so that what lies further back than the window really is gone.
  int status = Z_OK;
  for (std::size_t at = 0; status == Z_OK && at < out.size();) {
    stream.next_out = reinterpret_cast<Bytef*>(out.data()) + at;
    stream.avail_out = static_cast<uInt>(std::min<std::size_t>(16, out.size() - at));
    const auto before = stream.avail_out;
    status = ::inflate(&stream, Z_SYNC_FLUSH);
    at += before - stream.avail_out;
  }
  const auto made = stream.total_out;
  inflateEnd(&stream);
  return status == Z_OK || status == Z_BUF_ERROR ? out.substr(0, made) : "";
}

std::vector<std::string> payloads() {
  std::vector<std::string> all = {"", "x", "Hello", R"({"type":"chat","content":{"text":"Hello"}})", std::string(100'000, 'x')};
  std::string noise, words;
  std::uint64_t random = 1;
  const auto next = [&random] { return (random = random * 6364136223846793005U + 1442695040888963407U) >> 33U; };
  for (int i = 0; i < 200'000; ++i) noise += static_cast<char>(next());
  for (int i = 0; i < 20'000; ++i) words += "word" + std::to_string(next() % 1000) + " ";
  all.push_back(noise);
  all.push_back(words);
  for (std::size_t size = 200; size < 300; ++size) all.push_back(words.substr(0, size));
  // What comes again just within, at, and beyond the window's size.
  for (const std::size_t apart : {250, 256, 257, 511, 512, 513, 1024, 4096, 32768, 32769}) {
    all.push_back(noise.substr(0, apart) + noise.substr(0, 300));
  }
  return all;
}

TEST(Deflater, ServesEveryWindow) {
  Deflater deflater;
  Inflater inflater;
  for (int window_bits = 8; window_bits <= 15; ++window_bits) {
    for (const auto& payload : payloads()) {
      std::string compressed = "before";
      deflater.deflate(payload, window_bits, compressed);
      ASSERT_EQ(compressed.substr(0, 6), "before");
      compressed.erase(0, 6);
      EXPECT_LE(compressed.size(), most_deflated(payload.size()));
      ASSERT_TRUE(inflated_by_client(compressed, window_bits, payload.size()) == payload) << window_bits << " " << payload.size();
      std::string_view message;
      ASSERT_EQ(inflater.inflate(compressed, payload.size(), message), Result::ok) << window_bits << " " << payload.size();
      ASSERT_TRUE(message == payload);
      if (payload.empty()) continue;
      EXPECT_EQ(inflater.inflate(compressed, payload.size() - 1, message), Result::too_big);
    }
  }
}

TEST(Deflater, MakesTextSmaller) {
  const auto words = payloads()[6];
  for (int window_bits = 9; window_bits <= 15; ++window_bits) EXPECT_LT(deflated(words, window_bits).size(), words.size() / 2) << window_bits;
  EXPECT_LT(deflated(words, 8).size(), words.size() * 7 / 10);
  EXPECT_EQ(deflated(""), "\x00"s);
  EXPECT_EQ(deflated("Hello"), "\xF2\x48\xCD\xC9\xC9\x07\x00"s);
}

Result inflate(std::string_view compressed, std::size_t max = 1000, std::string* out = nullptr) {
  static Inflater inflater;  // one after the other
  std::string_view message;
  const auto result = inflater.inflate(compressed, max, message);
  if (out && result == Result::ok) *out = message;
  return result;
}

TEST(Inflater, TakesFinalBlocksAndWhatComesBehindThem) {
  const auto last = "\xF3\x48\xCD\xC9\xC9\x07\x00"s;  // "Hello", and nothing behind it
  std::string out;
  EXPECT_EQ(inflate(last, 1000, &out), Result::ok);
  EXPECT_EQ(out, "Hello");
  EXPECT_EQ(inflate(last + last + deflated(" and more"), 1000, &out), Result::ok);
  EXPECT_EQ(out, "HelloHello and more");
  EXPECT_EQ(inflate("\x01"s, 1000, &out), Result::ok);  // an empty final block, which the tail completes
  EXPECT_EQ(out, "");
  EXPECT_EQ(inflate("", 1000, &out), Result::ok);
  EXPECT_EQ(out, "");
}

TEST(Inflater, RefusesWhatIsNotDeflatedOrEndsInTheMiddle) {
  EXPECT_EQ(inflate("\xFF"), Result::corrupt);
  EXPECT_EQ(inflate("\x00\x05\x00\xFA\xFEHello\x00"s), Result::corrupt);
  EXPECT_EQ(inflate("\xF2\x00\x11\x00\x00"s), Result::corrupt);  // refers to what was before the message
  for (const auto& payload : payloads()) {
    if (payload.empty() || payload.size() > 1000) continue;  // one block
    const auto whole = deflated(payload);
    // A zero alone is an empty block: an empty message.
    for (std::size_t size = whole[0] == 0 ? 2 : 1; size + 1 < whole.size(); ++size) {
      ASSERT_EQ(inflate(whole.substr(0, size), 10'000), Result::corrupt) << size << " of " << whole.size();
    }
  }
}

TEST(Inflater, IsBoundedWhateverTheInputClaims) {
  const auto bomb = deflated(std::string(200'000'000, '\0'));
  EXPECT_LT(bomb.size(), 300'000U);
  Inflater inflater;
  std::string_view message;
  for (const std::size_t max : {0UL, 1UL, 20UL, 4095UL, 4096UL, 100'000UL}) {
    const Allocations allocations;
    EXPECT_EQ(inflater.inflate(bomb, max, message), Result::too_big);
    EXPECT_LE(allocations.bytes(), 4 * max + 10'000);
  }
  EXPECT_EQ(inflater.inflate(bomb, 200'000'000, message), Result::ok);
  EXPECT_EQ(message.size(), 200'000'000U);
  EXPECT_EQ(inflater.inflate(deflated("small"), 10, message), Result::ok);
  EXPECT_EQ(message, "small");
}

constexpr auto accepted = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

std::string answer(std::string_view offers) {
  const auto deflation = negotiate_deflate(offers);
  return deflation ? deflation->response : "none";
}

TEST(DeflateOffer, IsTakenInEveryForm) {
  for (const auto* offer : {"permessage-deflate", "  permessage-deflate\t", "PerMessage-Deflate", "permessage-deflate; client_max_window_bits",
                            "permessage-deflate;client_max_window_bits=8", "permessage-deflate ; client_max_window_bits = 15",
                            "permessage-deflate; client_max_window_bits=\"10\"", "permessage-deflate; client_max_window_bits=\"1\\0\"",
                            "permessage-deflate; server_no_context_takeover", "permessage-deflate; client_no_context_takeover",
                            "permessage-deflate; client_no_context_takeover; server_no_context_takeover; client_max_window_bits",
                            ", ,permessage-deflate,,"}) {
    EXPECT_EQ(answer(offer), accepted) << offer;
    EXPECT_EQ(negotiate_deflate(offer)->window_bits, 15);
  }
}

TEST(DeflateOffer, MayBoundTheServersWindow) {
  for (int bits = 8; bits <= 15; ++bits) {
    for (const auto& value : {std::to_string(bits), '"' + std::to_string(bits) + '"'}) {
      const auto deflation = negotiate_deflate("permessage-deflate; client_max_window_bits; server_max_window_bits=" + value);
      ASSERT_TRUE(deflation) << value;
      EXPECT_EQ(deflation->window_bits, bits);
      EXPECT_EQ(deflation->response, accepted + "; server_max_window_bits="s + std::to_string(bits));
    }
  }
}

TEST(DeflateOffer, IsPassedOverWhereItCannotBeTaken) {
  for (const auto* wrong : {"permessage-deflat", "permessage-deflates", "x-webkit-deflate-frame", "permessage-deflate; unknown",
                            "permessage-deflate; server_max_window_bits", "permessage-deflate; server_max_window_bits=7",
                            "permessage-deflate; server_max_window_bits=16", "permessage-deflate; server_max_window_bits=08",
                            "permessage-deflate; server_max_window_bits=1", "permessage-deflate; server_max_window_bits=150",
                            "permessage-deflate; server_max_window_bits=1x", "permessage-deflate; client_max_window_bits=7",
                            "permessage-deflate; client_max_window_bits=+9", "permessage-deflate; server_no_context_takeover=1",
                            "permessage-deflate; client_no_context_takeover=true",
                            "permessage-deflate; client_max_window_bits; client_max_window_bits",
                            "permessage-deflate; server_max_window_bits=10; server_max_window_bits=10",
                            "permessage-deflate; server_no_context_takeover; server_no_context_takeover"}) {
    EXPECT_EQ(answer(wrong), "none") << wrong;
    const auto others = ", permessage-deflate; server_max_window_bits=9, permessage-deflate"s;
    EXPECT_EQ(answer(wrong + others), accepted + "; server_max_window_bits=9"s) << wrong;
  }
}

TEST(DeflateOffer, IsNothingWhereTheHeaderIsNot) {
  for (const auto* wrong : {"", ",", ";", "=", "permessage-deflate;", "permessage-deflate; ;", "permessage-deflate; =8",
                            "permessage-deflate client_max_window_bits", "\"permessage-deflate\"",
                            "permessage-deflate; client_max_window_bits=", "permessage-deflate; client_max_window_bits=\"\"",
                            "permessage-deflate; client_max_window_bits=\"8", "permessage-deflate; client_max_window_bits=\"8\\",
                            "permessage-deflate; client_max_window_bits=\"8\" 8", "permessage-deflate; client_max_window_bits=\"8 \"",
                            "permessage-deflate; client_max_window_bits=8=8", "permessage-deflate, (",
                            "permessage-deflate, x; y=\"a,b\""}) {
    EXPECT_EQ(answer(wrong), "none") << wrong;
  }
  EXPECT_EQ(answer("other; key=\"quoted\\-value\"; flag, permessage-deflate"), accepted);
}

}  // namespace
}  // namespace hubbub::net::test

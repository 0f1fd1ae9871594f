#include "net/websocket/frame_reader.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/net/allocations.hpp"
#include "core/net/client.hpp"
#include "net/websocket/deflate.hpp"

namespace hubbub::net::test {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using Kind = net::Received::Kind;
using Told = std::vector<std::string>;

MATCHER_P(EndsWith, last, "") { return !arg.empty() && arg.back() == last; }

std::string told(const net::Received& received) {
  const std::string payload{received.payload};
  switch (received.kind) {
    case Kind::nothing: return "nothing";
    case Kind::text: return "text " + payload;
    case Kind::binary: return "binary " + payload;
    case Kind::ping: return "ping " + payload;
    case Kind::pong: return "pong " + payload;
    case Kind::close: return "close " + std::to_string(received.code) + " " + payload;
    case Kind::failure: return "failure " + std::to_string(received.code);
  }
  return {};
}

// A client's connection as its reader sees it.
class Stream {
 public:
  explicit Stream(ReadRules rules) : rules_(rules) {}

  void read(std::string piece) {
    std::span<char> input{piece};
    while (!over_) {
      const auto received = reader_.next(input, rules_);
      if (received.kind == Kind::nothing) break;
      told_.push_back(told(received));
      over_ = received.kind == Kind::close || received.kind == Kind::failure;
    }
    EXPECT_TRUE(over_ || input.empty());
  }

  const Told& told_so_far() const { return told_; }
  bool in_message() const { return reader_.in_message(); }

 private:
  ReadRules rules_;
  FrameReader reader_;
  Told told_;
  bool over_ = false;
};

// What `bytes` are read as, which must be the same byte by byte, and in two pieces, wherever they are cut.
Told read(const std::string& bytes, ReadRules rules = {1000}) {
  Stream whole{rules}, slow{rules};
  whole.read(bytes);
  for (const char byte : bytes) slow.read({byte});
  EXPECT_EQ(slow.told_so_far(), whole.told_so_far());
  const auto step = bytes.size() / 1000 + 1;
  for (std::size_t cut = 1; cut < bytes.size(); cut += step) {
    Stream halves{rules};
    halves.read(bytes.substr(0, cut));
    halves.read(bytes.substr(cut));
    EXPECT_EQ(halves.told_so_far(), whole.told_so_far()) << cut;
  }
  return whole.told_so_far();
}

Told read_deflated(const std::string& bytes, std::size_t max = 1000) {
  Inflater inflater;
  return read(bytes, {max, &inflater});
}

constexpr unsigned rsv1 = 4;
std::string deflated_frame(unsigned opcode, std::string_view payload, bool fin = true) {
  return frame(opcode, payload, {.fin = fin, .reserved = rsv1});
}

TEST(FrameReader, ReadsTheExamplesOfRfc6455) {
  const auto masked_hello = "\x37\xFA\x21\x3D\x7F\x9F\x4D\x51\x58"s;
  EXPECT_THAT(read("\x81\x85" + masked_hello), ElementsAre("text Hello"));
  EXPECT_THAT(read("\x8A\x85" + masked_hello), ElementsAre("pong Hello"));
  EXPECT_THAT(read("\x89\x85" + masked_hello), ElementsAre("ping Hello"));
  EXPECT_THAT(read("\x01\x83\x37\xFA\x21\x3D\x7F\x9F\x4D\x80\x82\x37\xFA\x21\x3D\x5B\x95"s), ElementsAre("text Hello"));
  const std::string zeros(0x10000, '\0');
  EXPECT_THAT(read("\x82\xFE\x01\x00\x00\x00\x00\x00"s + zeros.substr(0, 0x100)), ElementsAre("binary " + zeros.substr(0, 0x100)));
  EXPECT_THAT(read("\x82\xFF\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00"s + zeros, {0x10000}), ElementsAre("binary " + zeros));
  for (const auto& of_a_server : {"\x81\x05Hello"s, "\x01\x03Hel"s, "\x89\x05Hello"s}) {
    EXPECT_THAT(read(of_a_server), ElementsAre("failure 1002"));
  }
}

TEST(FrameReader, ReadsTheExamplesOfRfc7692) {
  for (const auto& hello : {"\xF2\x48\xCD\xC9\xC9\x07\x00"s, "\x00\x05\x00\xFA\xFFHello\x00"s, "\xF3\x48\xCD\xC9\xC9\x07\x00\x00"s,
                            "\xF2\x48\x05\x00\x00\x00\xFF\xFF\xCA\xC9\xC9\x07\x00"s}) {
    EXPECT_THAT(read_deflated(deflated_frame(text, hello)), ElementsAre("text Hello"));
    for (std::size_t cut = 0; cut <= hello.size(); ++cut) {
      EXPECT_THAT(read_deflated(deflated_frame(text, hello.substr(0, cut), false) + frame(continuation, hello.substr(cut))),
                  ElementsAre("text Hello"));
    }
  }
  EXPECT_THAT(read_deflated(deflated_frame(text, "\x00"s)), ElementsAre("text "));
  // Its second message goes on from the window of the first, which was not negotiated.
  EXPECT_THAT(read_deflated(deflated_frame(text, "\xF2\x48\xCD\xC9\xC9\x07\x00"s) + deflated_frame(text, "\xF2\x00\x11\x00\x00"s)),
              ElementsAre("text Hello", "failure 1007"));
}

TEST(FrameReader, ReadsAnyLength) {
  for (const std::size_t size : {0, 1, 7, 8, 9, 125, 126, 127, 128, 0xFFFF, 0x10000, 0x10001}) {
    std::string payload(size, '\0');
    for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>(i * 2654435761U >> 24U);
    Stream stream{{size}};
    stream.read(frame(binary, payload) + frame(binary, payload, {.fin = false}) + frame(continuation, "") + frame(ping, ""));
    EXPECT_THAT(stream.told_so_far(), ElementsAre("binary " + payload, "binary " + payload, "ping "));
  }
}

TEST(FrameReader, TakesControlFramesBetweenFragments) {
  EXPECT_THAT(read(frame(text, "one ", {.fin = false}) + frame(ping, "there?") + frame(continuation, "", {.fin = false}) +
                   frame(pong, "") + frame(continuation, "two ", {.fin = false}) + frame(ping, std::string(125, 'p')) + frame(continuation, "three") +
                   frame(binary, "") + frame(close, close_payload(3001, "bye"))),
              ElementsAre("ping there?", "pong ", "ping " + std::string(125, 'p'), "text one two three", "binary ", "close 3001 bye"));
}

TEST(FrameReader, TakesNothingBehindACloseFrameOrAFailure) {
  for (const auto& end : {frame(close, ""), frame(close, "x")}) {
    auto bytes = frame(text, "before") + end + frame(text, "behind");
    FrameReader reader;
    std::span<char> input{bytes};
    EXPECT_EQ(told(reader.next(input, {1000})), "text before");
    reader.next(input, {1000});
    EXPECT_EQ(input.size(), frame(text, "behind").size());
  }
}

TEST(FrameReader, RefusesWhatBreaksTheProtocol) {
  const auto begun = frame(text, "x", {.fin = false});
  std::vector<std::string> wrong = {
      frame(continuation, "x"),
      frame(continuation, "", {.fin = false}),
      begun + frame(text, "y"),
      begun + frame(binary, "y", {.fin = false}),
      frame(text, "a") + frame(continuation, "b"),
      frame(close, "", {.fin = false}),
      frame(ping, "x", {.fin = false}),
      frame(pong, "x", {.fin = false}),
      frame(ping, std::string(126, 'x')),
      frame(close, std::string(126, 'x')),
      frame(pong, std::string(0x10000, 'x')),
      frame(close, "x"),
      "\x89\xFE\x00\x05----hello"s,
      "\x81\xFE\x00\x00----"s,
      "\x81\xFE\x00\x7D----"s,
      "\x81\xFF\x00\x00\x00\x00\x00\x00\x00\x05----"s,
      "\x81\xFF\x00\x00\x00\x00\x00\x00\xFF\xFF----"s,
      "\x81\xFF\x80\x00\x00\x00\x00\x00\x00\x00----"s,
      "\x81\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF----"s,
  };
  for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U}) wrong.push_back(frame(opcode, ""));
  for (const unsigned opcode : {0U, 1U, 2U, 8U, 9U, 10U}) {
    const auto before = opcode == continuation ? begun : ""s;
    wrong.push_back(before + frame(opcode, "", {.masked = false}));
    for (unsigned bits = 1; bits < 8; ++bits) wrong.push_back(before + frame(opcode, "", {.reserved = bits}));
  }
  for (const auto& bytes : wrong) {
    EXPECT_THAT(read(bytes), EndsWith("failure 1002")) << testing::PrintToString(bytes.substr(0, 40));
    const bool compressed = (bytes[0] & 0x70) == 0x40 && (bytes[0] & 15) != 0 && (bytes[0] & 8) == 0;
    if (compressed) continue;
    EXPECT_THAT(read_deflated(bytes), EndsWith("failure 1002")) << testing::PrintToString(bytes.substr(0, 40));
  }
}

TEST(FrameReader, TakesRsv1OnlyOnTheFirstFrameOfAMessageAndOnlyWhereItWasNegotiated) {
  const auto hello = "\xF2\x48\xCD\xC9\xC9\x07\x00"s;
  EXPECT_THAT(read(deflated_frame(text, hello)), ElementsAre("failure 1002"));
  EXPECT_THAT(read_deflated(deflated_frame(binary, hello) + frame(binary, hello)), ElementsAre("binary Hello", "binary " + hello));
  EXPECT_THAT(read_deflated(deflated_frame(text, "", false) + deflated_frame(continuation, hello)), ElementsAre("failure 1002"));
  EXPECT_THAT(read_deflated(deflated_frame(text, hello.substr(0, 2), false) + frame(ping, "plain") + frame(continuation, hello.substr(2))),
              ElementsAre("ping plain", "text Hello"));
  EXPECT_THAT(read_deflated(deflated_frame(ping, "")), ElementsAre("failure 1002"));
}

TEST(FrameReader, ReadsCloseFrames) {
  EXPECT_THAT(read(frame(close, "")), ElementsAre("close 1005 "));
  EXPECT_THAT(read(frame(close, close_payload(1000, std::string(123, 'x')))), ElementsAre("close 1000 " + std::string(123, 'x')));
  for (unsigned code = 0; code < 0x10000; ++code) {
    const bool may_be_sent = (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) || (code >= 3000 && code < 5000);
    Stream stream{{1000}};
    stream.read(frame(close, close_payload(code)));
    EXPECT_THAT(stream.told_so_far(), ElementsAre(may_be_sent ? "close " + std::to_string(code) + " " : "failure 1002"));
  }
  EXPECT_THAT(read(frame(close, close_payload(1000, "\xC3\xBC"))), ElementsAre("close 1000 \xC3\xBC"));
  EXPECT_THAT(read(frame(close, close_payload(1000, "\xC3"))), ElementsAre("failure 1007"));
}

struct Utf8 {
  std::string text;
  std::size_t certain = 0;  // after so many bytes nothing can make it valid any more; 0: it is valid
};

TEST(FrameReader, FindsTextThatIsNotUtf8AsSoonAsThatIsCertain) {
  for (const auto& [wrong, certain] : std::vector<Utf8>{
           {"", 0}, {"\x00\x7F"s, 0}, {"\xC2\x80", 0}, {"\xDF\xBF", 0}, {"\xE0\xA0\x80", 0}, {"\xED\x9F\xBF", 0}, {"\xEE\x80\x80", 0},
           {"\xEF\xBF\xBF", 0}, {"\xF0\x90\x80\x80", 0}, {"\xF4\x8F\xBF\xBF", 0}, {"\xCE\xBA\xE1\xBD\xB9\xCF\x83\xCE\xBC\xCE\xB5", 0},
           {"\x80", 1}, {"\xBF", 1}, {"\xC0\x80", 1}, {"\xC1\xBF", 1}, {"\xF5\x80\x80\x80", 1}, {"\xF8\x88\x80\x80\x80", 1}, {"\xFE", 1}, {"\xFF", 1},
           {"\xC2\x7F", 2}, {"\xC2\xC0", 2}, {"\xE0\x9F\xBF", 2}, {"\xED\xA0\x80", 2}, {"\xED\xBF\xBF", 2}, {"\xE2z\x80", 2}, {"\xE2\x82z", 3},
           {"\xF0\x8F\xBF\xBF", 2}, {"\xF4\x90\x80\x80", 2}, {"\xF0\x9F\x98z", 4}, {"\xF0\x9Fz\x80", 3}}) {
    for (std::size_t before = 0; before < 18; ++before) {
      const auto all = std::string(before, 'a') + wrong;
      const auto label = testing::PrintToString(all);
      if (certain == 0) {
        EXPECT_EQ(read(frame(text, all)), Told{"text " + all});
        EXPECT_EQ(read(frame(text, all + "behind this")), Told{"text " + all + "behind this"});
        // A character that is cut off is wrong once the message ends.
        if (wrong.empty() || static_cast<unsigned char>(wrong.back()) < 0x80) continue;
        const auto cut_off = all.substr(0, all.size() - 1);
        EXPECT_EQ(read(frame(text, cut_off)), Told{"failure 1007"}) << label;
        EXPECT_EQ(read(frame(text, cut_off, {.fin = false}) + frame(continuation, "")), Told{"failure 1007"}) << label;
        continue;
      }
      EXPECT_EQ(read(frame(text, all)), Told{"failure 1007"}) << label;
      EXPECT_EQ(read(frame(text, all + "behind this")), Told{"failure 1007"}) << label;
      Stream stream{{1000}};
      const auto bytes = frame(text, all, {.fin = false});
      for (const char byte : bytes.substr(0, bytes.size() - wrong.size() + certain - 1)) stream.read({byte});
      EXPECT_EQ(stream.told_so_far(), Told{}) << label;
      stream.read({bytes[bytes.size() - wrong.size() + certain - 1]});
      EXPECT_EQ(stream.told_so_far(), Told{"failure 1007"}) << label;
    }
  }
  EXPECT_THAT(read(frame(binary, "\xFF") + frame(ping, "\xFF")), ElementsAre("binary \xFF", "ping \xFF"));
}

TEST(FrameReader, PutsCharactersTogetherThatFragmentsCut) {
  const auto text_of = "a\xC3\xBC\xE2\x82\xAC\xF0\x9F\x8E\x89!"s;
  std::string bytes = frame(text, "", {.fin = false});
  for (const char byte : text_of) bytes += frame(continuation, {&byte, 1}, {.fin = false});
  EXPECT_THAT(read(bytes + frame(continuation, "")), ElementsAre("text " + text_of));
}

TEST(FrameReader, JudgesTheSizeByTheHeader) {
  const std::string fits(1000, 'x');
  EXPECT_THAT(read(frame(text, fits)), ElementsAre("text " + fits));
  EXPECT_THAT(read(frame(text, fits, {.fin = false}) + frame(continuation, "")), ElementsAre("text " + fits));
  EXPECT_THAT(read("\x81\xFE\x03\xE9----"s), ElementsAre("failure 1009"));
  EXPECT_THAT(read("\x82\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF----"s), ElementsAre("failure 1009"));
  EXPECT_THAT(read(frame(text, fits, {.fin = false}) + "\x80\x81----"s), ElementsAre("failure 1009"));
  EXPECT_THAT(read(frame(text, fits, {.fin = false}) + "\x00\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF----"s), ElementsAre("failure 1009"));
}

TEST(FrameReader, JudgesACompressedMessageByWhatItInflatesTo) {
  Deflater deflater;
  const auto compressed = [&](std::size_t size) {
    std::string out;
    deflater.deflate(std::string(size, 'x'), 15, out);
    return out;
  };
  EXPECT_THAT(read_deflated(deflated_frame(text, compressed(1000))), ElementsAre("text " + std::string(1000, 'x')));
  EXPECT_THAT(read_deflated(deflated_frame(text, compressed(1001))), ElementsAre("failure 1009"));
  EXPECT_THAT(read_deflated(deflated_frame(text, compressed(10'000'000))), ElementsAre("failure 1009"));
  // A message of the largest size may be longer compressed. It is refused by its header only where no encoder would do that.
  std::string noise(1000, '\0'), stored;
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<char>(i * i * 2654435761U >> 24U);
  deflater.deflate(noise, 15, stored);
  EXPECT_GT(stored.size(), noise.size());
  EXPECT_THAT(read_deflated(deflated_frame(binary, stored)), ElementsAre("binary " + noise));
  EXPECT_THAT(read_deflated(deflated_frame(binary, stored.substr(0, 500), false) + frame(continuation, stored.substr(500))),
              ElementsAre("binary " + noise));
  EXPECT_THAT(read_deflated("\xC2\xFE\xFF\xFF----"s), ElementsAre("failure 1009"));
}

TEST(FrameReader, ChecksTextOnceItIsInflated) {
  Deflater deflater;
  std::string wrong;
  deflater.deflate("a\xFF", 15, wrong);
  EXPECT_THAT(read_deflated(deflated_frame(text, wrong)), ElementsAre("failure 1007"));
  EXPECT_THAT(read_deflated(deflated_frame(binary, wrong)), ElementsAre("binary a\xFF"));
  EXPECT_THAT(read_deflated(deflated_frame(text, "\xFF\xFF\xFF")), ElementsAre("failure 1007"));
}

TEST(FrameReader, KnowsWhetherAMessageHasBegun) {
  const auto after = [](const std::string& bytes) {
    Stream stream{{1000}};
    stream.read(bytes);
    return stream.in_message();
  };
  const auto begun = frame(text, "begun", {.fin = false});
  EXPECT_FALSE(after(""));
  EXPECT_FALSE(after(frame(text, "whole")));
  EXPECT_FALSE(after(begun + frame(continuation, "")));
  EXPECT_FALSE(after(frame(ping, "")));
  EXPECT_TRUE(after(begun));
  EXPECT_TRUE(after(begun + frame(ping, "")));
  EXPECT_TRUE(after(frame(text, "", {.fin = false})));
  for (const auto& whole : {frame(text, "x"), frame(ping, "x"), frame(binary, std::string(126, 'x'))}) {
    for (std::size_t size = 1; size < whole.size(); ++size) EXPECT_TRUE(after(whole.substr(0, size))) << size;
    Stream stream{{1000}};
    for (const char byte : whole) stream.read({byte});
    EXPECT_FALSE(stream.in_message());
  }
}

TEST(FrameReader, ViewsWholeMessagesWhereTheyAreWithoutAllocating) {
  Deflater deflater;
  Inflater inflater;
  std::string compressed;
  deflater.deflate("compressed", 15, compressed);
  auto bytes = frame(text, "text") + frame(ping, "ping") + frame(binary, std::string(500, 'x')) + deflated_frame(text, compressed);
  auto again = bytes;
  FrameReader reader;
  const ReadRules rules{1000, &inflater};
  const auto read_them = [&](std::span<char> input) {
    const auto* begin = input.data();
    const auto* end = begin + input.size();
    int messages = 0;
    for (auto got = reader.next(input, rules); got.kind != Kind::nothing; got = reader.next(input, rules), ++messages) {
      EXPECT_EQ(messages < 3, got.payload.data() >= begin && got.payload.data() < end);
    }
    EXPECT_EQ(messages, 4);
  };
  read_them(bytes);  // the inflater has its buffer now
  const Allocations allocations;
  read_them(again);
  EXPECT_EQ(allocations.count(), 0U);
}

TEST(FrameReader, HoldsWhatHasComeAndNotWhatTheHeaderSays) {
  constexpr std::size_t mebibyte = 1024 * 1024;
  FrameReader reader;
  const auto read_it = [&](std::string bytes) {
    std::span<char> input{bytes};
    return reader.next(input, {mebibyte}).kind;
  };
  const Allocations allocations;
  EXPECT_EQ(read_it("\x82\xFF\x00\x00\x00\x00\x00\x10\x00\x00----0123456789"s), Kind::nothing);
  EXPECT_LT(allocations.bytes(), 1000U);
  for (std::size_t come = 10; come < mebibyte; come += 10'000) {
    EXPECT_EQ(read_it(std::string(std::min<std::size_t>(10'000, mebibyte - come), 'x')), come + 10'000 >= mebibyte ? Kind::binary : Kind::nothing);
  }
  EXPECT_LT(allocations.bytes(), 6 * mebibyte);  // those of the test included
}

}  // namespace
}  // namespace hubbub::net::test

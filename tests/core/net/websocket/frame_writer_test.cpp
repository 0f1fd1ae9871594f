#include "net/websocket/frame_writer.hpp"

#include <gtest/gtest.h>

namespace hubbub::net::test {
namespace {

using namespace std::string_literals;

TEST(FrameWriter, WritesControlFrames) {
  EXPECT_EQ(ping_frame(), "\x89\x00"s);
  EXPECT_EQ(pong_frame("Hello"), "\x8A\x05Hello");
  EXPECT_EQ(pong_frame(std::string(125, 'x')), "\x8A\x7D" + std::string(125, 'x'));
  EXPECT_EQ(close_frame(1000, ""), "\x88\x02\x03\xE8");
  EXPECT_EQ(close_frame(4000, "too slow"), "\x88\x0A\x0F\xA0too slow");
  EXPECT_EQ(close_frame(1005, "no code, no reason"), "\x88\x00"s);
}

TEST(FrameWriter, CutsAReasonBetweenTwoCharacters) {
  const std::string fits(123, 'x'), almost(121, 'x');
  EXPECT_EQ(close_frame(1000, fits), "\x88\x7D\x03\xE8" + fits);
  EXPECT_EQ(close_frame(1000, fits + "y"), "\x88\x7D\x03\xE8" + fits);
  EXPECT_EQ(close_frame(1000, almost + "\xE2\x82\xAC"), "\x88\x7B\x03\xE8" + almost);
  EXPECT_EQ(close_frame(1000, almost + "\xC3\xBC" + "y"), "\x88\x7D\x03\xE8" + almost + "\xC3\xBC");
}

TEST(FrameWriter, MarksACompressedFrame) {
  Deflater deflater;
  const auto delivery = Delivery::may_drop(7);
  for (const std::size_t size : {1000UL, 1'000'000UL}) {
    std::string payload, compressed;
    for (std::size_t i = 0; payload.size() < size; ++i) payload += std::to_string(i * i) + " ";
    deflater.deflate(payload, 12, compressed);
    const auto frame = deflated(Frame::copy(payload, Opcode::binary, delivery), deflater, 12);
    EXPECT_EQ(frame.payload(), compressed);
    EXPECT_EQ(frame.bytes()[0], '\xC2');
    EXPECT_EQ(frame.bytes().substr(frame.bytes().size() - compressed.size()), compressed);
    EXPECT_EQ(frame.bytes()[1], size == 1000 ? '\x7E' : '\x7F');
    EXPECT_EQ(frame.opcode(), Opcode::binary);
    EXPECT_EQ(frame.delivery().newest_of, 7U);
  }
}

TEST(FrameWriter, LeavesAFrameAloneThatWouldNotBecomeSmaller) {
  Deflater deflater;
  for (const auto* payload : {"", "x", "Hello"}) {
    const auto frame = Frame::copy(payload);
    EXPECT_EQ(deflated(frame, deflater, 15).bytes().data(), frame.bytes().data());
  }
}

}  // namespace
}  // namespace hubbub::net::test

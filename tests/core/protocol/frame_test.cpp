#include "protocol/frame.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <vector>

namespace hubbub {
namespace {

using namespace std::string_literals;

struct Header {
  std::size_t payload;
  std::string bytes;
};

class FrameHeader : public testing::TestWithParam<Header> {};

TEST_P(FrameHeader, is_that_of_an_unmasked_final_frame) {
  const auto& [size, header] = GetParam();
  const std::string payload(size, 'x');
  const auto frame = Frame::copy(payload);
  EXPECT_EQ(frame.bytes().substr(0, frame.bytes().size() - size), "\x81" + header);
  EXPECT_EQ(frame.payload(), payload);
  EXPECT_TRUE(frame.bytes().ends_with(payload));
}

INSTANTIATE_TEST_SUITE_P(Sizes, FrameHeader,
                         testing::Values(Header{0, "\x00"s}, Header{1, "\x01"}, Header{125, "\x7D"}, Header{126, "\x7E\x00\x7E"s},
                                         Header{127, "\x7E\x00\x7F"s}, Header{256, "\x7E\x01\x00"s},
                                         Header{65535, "\x7E\xFF\xFF"},
                                         Header{65536, "\x7F\x00\x00\x00\x00\x00\x01\x00\x00"s},
                                         Header{0x1234567, "\x7F\x00\x00\x00\x00\x01\x23\x45\x67"s}),
                         [](const auto& header) { return "of_" + std::to_string(header.param.payload); });

TEST(Frame, carries_its_opcode) {
  EXPECT_EQ(Frame::copy("a").bytes(), "\x81\x01"s + "a");
  EXPECT_EQ(Frame::copy("a", Opcode::binary).bytes(), "\x82\x01"s + "a");
  EXPECT_EQ(Frame::copy("a", Opcode::binary).opcode(), Opcode::binary);
  EXPECT_EQ(Frame::copy("a").opcode(), Opcode::text);
}

TEST(Frame, that_is_compressed_has_the_flag_and_is_otherwise_the_same) {
  const auto frame = Frame::deflated("a", Opcode::text, Delivery::may_drop(7));
  EXPECT_EQ(frame.bytes(), "\xC1\x01"s + "a");
  EXPECT_EQ(Frame::deflated("a", Opcode::binary, Delivery::must()).bytes(), "\xC2\x01"s + "a");
  EXPECT_EQ(frame.payload(), "a");
  EXPECT_EQ(frame.delivery().newest_of, 7U);
}

TEST(Frame, counts_its_header_and_overhead_as_memory) {
  for (const std::size_t size : {0U, 125U, 126U, 65'536U}) {
    const auto frame = Frame::copy(std::string(size, 'x'));
    EXPECT_EQ(frame.weight(), frame.bytes().size() + 64);
  }
}

TEST(Frame, is_the_same_from_one_piece_or_several) {
  for (const std::size_t size : {0U, 125U, 126U, 70'000U}) {
    const std::string payload(size, 'y');
    const auto half = std::string_view{payload}.substr(size / 2);
    EXPECT_EQ(Frame::of({std::string_view{payload}.substr(0, size / 2), "", half}).bytes(), Frame::copy(payload).bytes());
  }
}

TEST(Frame, copies_share_the_bytes_and_outlive_each_other) {
  std::optional<Frame> first = Frame::copy(std::string(1000, 'x'));
  const Frame second = *first;
  EXPECT_EQ(second.bytes().data(), first->bytes().data());
  first.reset();
  EXPECT_EQ(second.payload(), std::string(1000, 'x'));
}

TEST(Frame, can_be_shared_by_threads) {
  const auto frame = Frame::copy("hello");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([frame] {
      for (int j = 0; j < 1000; ++j) {
        const Frame mine = frame;
        ASSERT_EQ(mine.payload(), "hello");
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST(Frame, says_what_may_be_done_with_it_for_a_slow_reader) {
  EXPECT_FALSE(Frame::copy("a").delivery().droppable);
  const auto cursor = Frame::copy("a", Opcode::text, Delivery::may_drop(7));
  EXPECT_TRUE(cursor.delivery().droppable);
  EXPECT_EQ(cursor.delivery().newest_of, 7U);
  EXPECT_EQ(Delivery::may_drop().newest_of, 0U);
}

}  // namespace
}  // namespace hubbub

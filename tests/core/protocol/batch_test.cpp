#include "protocol/batch.hpp"

#include <gtest/gtest.h>

namespace hubbub {
namespace {

std::string payloads(std::span<const Frame> frames) {
  std::string all;
  for (const auto& frame : frames) all += frame.payload();
  return all;
}

TEST(Batch, gives_single_frames_and_all_bytes_from_any_frame_on_in_one_piece) {
  Batch batch;
  std::string bytes;
  for (const auto* payload : {"a", "", "ccc"}) {
    const auto frame = Frame::copy(payload);
    batch.add(frame);
    bytes += frame.bytes();
  }
  EXPECT_EQ(batch.size(), 3U);
  EXPECT_EQ(batch.bytes(), bytes.size());
  EXPECT_EQ(batch.bytes(0), bytes);
  EXPECT_EQ(batch.bytes(1), bytes.substr(Frame::copy("a").bytes().size()));
  EXPECT_EQ(batch.bytes(2), Frame::copy("ccc").bytes());
  EXPECT_EQ(batch.bytes(3), "");
  EXPECT_EQ(payloads(batch.frames(1)), "ccc");
  EXPECT_EQ(batch.frames(3).size(), 0U);
}

TEST(Batch, converts_each_frame_once_per_key) {
  Batch batch;
  int conversions = 0;
  const auto ask = [&](int key) {
    return payloads(batch.converted(key, [&](const Frame& frame) {
      ++conversions;
      return Frame::copy(std::string{frame.payload()} + std::to_string(key));
    }).frames(0));
  };
  batch.add(Frame::copy("a"));
  EXPECT_EQ(ask(1), "a1");
  EXPECT_EQ(ask(1), "a1");
  EXPECT_EQ(conversions, 1);
  batch.add(Frame::copy("b"));
  EXPECT_EQ(ask(1), "a1b1");
  EXPECT_EQ(ask(2), "a2b2");
  EXPECT_EQ(conversions, 4);
}

TEST(Batch, can_be_cleared_at_any_size) {
  for (const std::size_t size : {1U, 1'000'000U}) {
    Batch batch;
    batch.add(Frame::copy(std::string(size, 'x')));
    batch.converted(1, [](const Frame& frame) { return frame; });
    batch.clear();
    EXPECT_EQ(batch.size(), 0U);
    EXPECT_EQ(batch.bytes(), 0U);
    batch.add(Frame::copy("new"));
    EXPECT_EQ(payloads(batch.frames(0)), "new");
    EXPECT_EQ(payloads(batch.converted(1, [](const Frame& frame) { return frame; }).frames(0)), "new");
  }
}

}  // namespace
}  // namespace hubbub

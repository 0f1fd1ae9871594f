#include "net/websocket/deflated.hpp"

#include <gtest/gtest.h>

#include <string>

namespace hubbub::net {
namespace {

// So that it can be told from all others, and becomes smaller.
Frame text(int number, std::size_t size = 1000) { return Frame::copy(std::to_string(number) + std::string(size, 'x')); }

TEST(Deflated, CompressesAFrameOnceForEachWindow) {
  Deflated kept;
  Deflater deflater;
  const auto one = text(1), other = text(2);
  const auto compressed = kept.of(one, deflater, 15);
  EXPECT_LT(compressed.bytes().size(), one.bytes().size());
  EXPECT_EQ(kept.of(one, deflater, 15).bytes().data(), compressed.bytes().data());
  EXPECT_NE(kept.of(other, deflater, 15).bytes().data(), compressed.bytes().data());
  EXPECT_NE(kept.of(other, deflater, 15).bytes(), compressed.bytes());
  EXPECT_NE(kept.of(one, deflater, 9).bytes().data(), compressed.bytes().data());
  EXPECT_EQ(kept.of(one, deflater, 15).bytes().data(), compressed.bytes().data());
}

TEST(Deflated, ForgetsWhatWasUsedFirstBeyondItsBound) {
  Deflated kept;
  Deflater deflater;
  const auto first = text(0, 1'000'000);
  const auto* its = kept.of(first, deflater, 15).bytes().data();
  for (int i = 1; i <= 7; ++i) kept.of(text(i, 1'000'000), deflater, 15);
  EXPECT_EQ(kept.of(first, deflater, 15).bytes().data(), its);
  const auto last = text(9, 1'000'000);
  const auto held = kept.of(first, deflater, 15);  // so that its place in memory is not used again
  const auto newest = kept.of(last, deflater, 15);
  EXPECT_NE(kept.of(first, deflater, 15).bytes().data(), its);
  EXPECT_EQ(kept.of(last, deflater, 15).bytes().data(), newest.bytes().data());
}

}  // namespace
}  // namespace hubbub::net

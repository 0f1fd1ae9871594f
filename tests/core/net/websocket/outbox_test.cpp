#include "net/websocket/outbox.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace hubbub::net {
namespace {

constexpr std::size_t room_for(std::size_t frames) { return frames * (100 + 2 + Frame::overhead); }

// Every frame has 100 bytes of payload, so that a bound is a number of them.
Frame frame(char mark, Delivery delivery = Delivery::must()) {
  return Frame::copy(std::string(100, mark), Opcode::text, delivery);
}
Frame cursor(char mark, std::uint64_t number) { return frame(mark, Delivery::may_drop(number)); }

// The marks of what waits, in order.
std::string waiting(const Outbox& outbox) {
  std::array<std::string_view, 64> pieces;
  const auto count = outbox.peek(pieces);
  std::string marks;
  for (std::size_t i = 0; i < count; ++i) marks += pieces[i].back();
  return marks;
}

TEST(Outbox, GivesWhatItWasGivenInOrder) {
  Outbox outbox{room_for(10)};
  EXPECT_TRUE(outbox.empty());
  for (const char mark : {'a', 'b', 'c'}) EXPECT_TRUE(outbox.push(frame(mark)));
  EXPECT_EQ(waiting(outbox), "abc");
  outbox.take(2 * 102);
  EXPECT_EQ(waiting(outbox), "c");
  outbox.take(102);
  EXPECT_TRUE(outbox.empty());
  EXPECT_EQ(outbox.counted(), 0U);
}

TEST(Outbox, GoesOnInTheMiddleOfAFrame) {
  Outbox outbox{room_for(10)};
  outbox.push(frame('a'));
  outbox.push(frame('b'));
  outbox.take(40);
  EXPECT_TRUE(outbox.begun());
  std::array<std::string_view, 8> pieces;
  ASSERT_EQ(outbox.peek(pieces), 2U);
  EXPECT_EQ(pieces[0].size(), 62U);
  EXPECT_EQ(pieces[1].size(), 102U);
  outbox.take(62 + 1);
  ASSERT_EQ(outbox.peek(pieces), 1U);
  EXPECT_EQ(pieces[0].size(), 101U);
}

TEST(Outbox, ShowsNoMoreThanWasAskedFor) {
  Outbox outbox{room_for(100)};
  for (int i = 0; i < 50; ++i) outbox.push(frame('a'));
  std::array<std::string_view, 8> pieces;
  EXPECT_EQ(outbox.peek(pieces), 8U);
}

TEST(Outbox, SaysWhenWhatMustBeDeliveredDoesNotFit) {
  Outbox outbox{room_for(2)};
  EXPECT_TRUE(outbox.push(frame('a')));
  EXPECT_TRUE(outbox.push(frame('b')));
  EXPECT_FALSE(outbox.push(frame('c')));
  EXPECT_EQ(waiting(outbox), "ab");
}

TEST(Outbox, LetsOneLargeFrameThroughBesideWhatElseWaits) {
  Outbox outbox{room_for(2)};
  const auto large = Frame::copy(std::string(10'000, 'L'));
  outbox.push(cursor('1', 1));
  EXPECT_TRUE(outbox.push(large));
  EXPECT_FALSE(outbox.push(large));
  EXPECT_TRUE(outbox.push(frame('a')));
  EXPECT_EQ(waiting(outbox), "1La");
  EXPECT_TRUE(outbox.push(frame('b')));
  EXPECT_FALSE(outbox.push(frame('c')));
  outbox.take(large.bytes().size());
  EXPECT_EQ(waiting(outbox), "ab");
  EXPECT_TRUE(outbox.push(large));
  outbox.discard();
  EXPECT_TRUE(outbox.push(large));
}

TEST(Outbox, KeepsOnlyTheNewestOfANumber) {
  Outbox outbox{room_for(10)};
  outbox.push(cursor('1', 7));
  outbox.push(frame('a'));
  outbox.push(cursor('2', 8));
  outbox.push(cursor('3', 7));
  EXPECT_EQ(waiting(outbox), "a23");
  outbox.push(cursor('4', 8));
  EXPECT_EQ(waiting(outbox), "a34");
}

TEST(Outbox, DoesNotReplaceWithoutANumberNorWhatMustBeDelivered) {
  Outbox outbox{room_for(10)};
  outbox.push(cursor('1', 0));
  outbox.push(cursor('2', 0));
  outbox.push(frame('a', Delivery{false, 7}));
  outbox.push(cursor('3', 7));
  EXPECT_EQ(waiting(outbox), "12a3");
}

TEST(Outbox, NeverTouchesAFrameThatWasBegun) {
  Outbox outbox{room_for(2)};
  outbox.push(cursor('1', 7));
  outbox.take(1);
  outbox.push(cursor('2', 7));
  EXPECT_EQ(waiting(outbox), "12");
  EXPECT_TRUE(outbox.push(frame('a')));
  EXPECT_EQ(waiting(outbox), "1a");
  EXPECT_FALSE(outbox.push(frame('b')));
  outbox.discard();
  EXPECT_EQ(waiting(outbox), "1");
}

TEST(Outbox, GivesUpDroppableFramesForOnesThatMustBeDeliveredTheOldestFirst) {
  Outbox outbox{room_for(4)};
  outbox.push(cursor('1', 1));
  outbox.push(frame('a'));
  outbox.push(cursor('2', 2));
  outbox.push(frame('b'));
  EXPECT_TRUE(outbox.push(frame('c')));
  EXPECT_EQ(waiting(outbox), "a2bc");
  EXPECT_TRUE(outbox.push(frame('d')));
  EXPECT_EQ(waiting(outbox), "abcd");
  EXPECT_FALSE(outbox.push(frame('e')));
}

TEST(Outbox, LetsADroppableFrameThroughAloneHoweverLargeItIs) {
  Outbox outbox{room_for(2)};
  EXPECT_TRUE(outbox.push(Frame::copy(std::string(10'000, 'L'), Opcode::text, Delivery::may_drop())));
  EXPECT_EQ(waiting(outbox), "L");
  EXPECT_TRUE(outbox.push(Frame::copy(std::string(10'000, 'M'), Opcode::text, Delivery::may_drop())));
  EXPECT_EQ(waiting(outbox), "L");
}

TEST(Outbox, DropsADroppableFrameThatDoesNotFit) {
  Outbox outbox{room_for(2)};
  outbox.push(frame('a'));
  outbox.push(frame('b'));
  EXPECT_TRUE(outbox.push(cursor('1', 1)));
  EXPECT_EQ(waiting(outbox), "ab");
}

TEST(Outbox, CountsWhatWaitsElsewhereForTheSameReader) {
  Outbox outbox{room_for(2)};
  EXPECT_TRUE(outbox.push(frame('a')));
  EXPECT_TRUE(outbox.reserve(1));
  EXPECT_FALSE(outbox.reserve(room_for(1)));
  EXPECT_FALSE(outbox.push(frame('b')));
  outbox.release();
  EXPECT_TRUE(outbox.push(frame('b')));
}

TEST(Outbox, BoundsMemoryHoweverSmallTheFramesAre) {
  constexpr std::size_t bound = 1024 * 1024;
  Outbox outbox{bound};
  std::size_t pushed = 0;
  while (outbox.push(Frame::copy("x"))) ++pushed;
  EXPECT_LE(pushed, bound / Frame::overhead);
}

TEST(Outbox, StaysFlatWhenTheSameNumberComesAMillionTimes) {
  Outbox outbox{room_for(8)};
  outbox.push(frame('a'));
  outbox.take(1);
  const auto first = cursor('1', 1), second = cursor('2', 2);
  for (int i = 0; i < 1'000'000; ++i) {
    ASSERT_TRUE(outbox.push(first));
    ASSERT_TRUE(outbox.push(second));
  }
  EXPECT_EQ(waiting(outbox), "a12");
  EXPECT_EQ(outbox.counted(), room_for(3));
}

TEST(Outbox, FindsTheOlderOneAmongThousands) {
  Outbox outbox{room_for(20'000)};
  for (std::uint64_t number = 1; number <= 10'000; ++number) outbox.push(cursor('o', number << 32U));
  for (std::uint64_t number = 1; number <= 10'000; ++number) outbox.push(cursor('n', number << 32U));
  EXPECT_EQ(outbox.counted(), room_for(10'000));
  std::vector<std::string_view> pieces(20'000);
  ASSERT_EQ(outbox.peek(pieces), 10'000U);
  pieces.resize(10'000);
  for (const auto piece : pieces) ASSERT_EQ(piece.back(), 'n');
}

}  // namespace
}  // namespace hubbub::net

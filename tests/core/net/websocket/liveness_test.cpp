#include "net/websocket/liveness.hpp"

#include <gtest/gtest.h>

namespace hubbub::net {
namespace {

using namespace std::chrono_literals;
using Due = Liveness::Due;

constexpr Liveness::Patience patience{25s, 20s, 30s, 5s};
const Liveness::Clock::time_point start{};

TEST(Liveness, AsksWhoHasBeenQuietAndGivesUpWhoDoesNotAnswer) {
  Liveness liveness{start};
  EXPECT_EQ(liveness.look(start + 24s, patience), Due::nothing);
  EXPECT_EQ(liveness.look(start + 25s, patience), Due::ping);
  EXPECT_EQ(liveness.look(start + 44s, patience), Due::nothing);
  EXPECT_EQ(liveness.look(start + 45s, patience), Due::no_pong);
}

TEST(Liveness, TakesAnyByteForAnAnswer) {
  Liveness liveness{start};
  EXPECT_EQ(liveness.look(start + 25s, patience), Due::ping);
  liveness.heard();
  EXPECT_EQ(liveness.look(start + 26s, patience), Due::nothing);
  EXPECT_EQ(liveness.look(start + 50s, patience), Due::nothing);
  EXPECT_EQ(liveness.look(start + 51s, patience), Due::ping);
}

TEST(Liveness, AsksWhoIsProbedAtOnceAndGivesItLessTime) {
  Liveness liveness{start};
  liveness.heard();
  liveness.probe();
  EXPECT_EQ(liveness.look(start + 1s, patience), Due::ping);
  EXPECT_EQ(liveness.look(start + 5s, patience), Due::nothing);
  EXPECT_EQ(liveness.look(start + 6s, patience), Due::no_pong);
  liveness.heard();
  EXPECT_EQ(liveness.look(start + 7s, patience), Due::nothing);
  EXPECT_EQ(liveness.look(start + 31s, patience), Due::nothing) << "it has answered";
  EXPECT_EQ(liveness.look(start + 32s, patience), Due::ping);
  EXPECT_EQ(liveness.look(start + 51s, patience), Due::nothing);
  EXPECT_EQ(liveness.look(start + 52s, patience), Due::no_pong);
}

TEST(Liveness, AsksWhoIsProbedOnceMoreThoughItHasBeenAskedAlready) {
  Liveness liveness{start};
  EXPECT_EQ(liveness.look(start + 25s, patience), Due::ping);
  liveness.probe();
  EXPECT_EQ(liveness.look(start + 26s, patience), Due::ping);
  EXPECT_EQ(liveness.look(start + 30s, patience), Due::nothing);
  EXPECT_EQ(liveness.look(start + 31s, patience), Due::no_pong);
}

TEST(Liveness, GivesWhoIsProbedNoMoreTimeThanOthers) {
  constexpr Liveness::Patience short_of_pongs{25s, 2s, 30s, 5s};
  Liveness liveness{start};
  liveness.probe();
  EXPECT_EQ(liveness.look(start + 1s, short_of_pongs), Due::ping);
  EXPECT_EQ(liveness.look(start + 2999ms, short_of_pongs), Due::nothing);
  EXPECT_EQ(liveness.look(start + 3s, short_of_pongs), Due::no_pong);
}

TEST(Liveness, HasNoPatienceWithAMessageThatDoesNotEnd) {
  Liveness liveness{start};
  for (auto at = 1s; at <= 30s; ++at) {
    liveness.heard();
    liveness.in_message(true);
    ASSERT_EQ(liveness.look(start + at, patience), Due::nothing);
  }
  liveness.heard();
  EXPECT_EQ(liveness.look(start + 31s, patience), Due::unfinished_message);
}

TEST(Liveness, GivesEachMessageItsOwnTime) {
  Liveness liveness{start};
  for (auto at = 1s; at <= 100s; ++at) {
    liveness.heard();
    if (at % 20s == 0s) liveness.finished();
    liveness.in_message(true);
    ASSERT_EQ(liveness.look(start + at, patience), Due::nothing);
  }
}

}  // namespace
}  // namespace hubbub::net

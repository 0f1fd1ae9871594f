#include "runtime/timers.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace hubbub::runtime {
namespace {

using namespace std::chrono_literals;

struct TimersTest : ::testing::Test {
  std::unique_ptr<Timer> make(char name) {
    return timers.make([this, name] { ran += name; });
  }
  // Runs the timers that are due this long after the beginning.
  std::string due(std::chrono::milliseconds after) {
    ran.clear();
    while (const auto task = timers.take_due(start + after)) (*task)();
    return ran;
  }

  Timers timers;
  const Timers::Clock::time_point start = Timers::Clock::now();
  std::string ran;
};

TEST_F(TimersTest, are_due_in_order_of_their_times_each_once) {
  const auto a = make('a'), b = make('b'), c = make('c');
  EXPECT_FALSE(timers.wait(start));
  b->arm(2h);
  a->arm(1h);
  c->arm(3h);
  EXPECT_EQ(due(59min), "");
  EXPECT_EQ(due(2h + 30min), "ab");
  EXPECT_EQ(due(2h + 30min), "");
  EXPECT_EQ(due(4h), "c");
  EXPECT_FALSE(timers.wait(start));
}

TEST_F(TimersTest, are_waited_for_until_the_end_of_the_millisecond) {
  const auto timer = make('a');
  timer->arm(1h);
  const auto wait = *timers.wait(start);
  EXPECT_GE(wait, 1h);
  EXPECT_EQ(due(wait), "a");
  timer->arm(1h);
  const auto now = start + *timers.wait(start);
  EXPECT_EQ(timers.wait(now + 1h), 0ms) << "it is overdue";
  EXPECT_GE(*timers.wait(start + 500us) + 500us, 1h);
}

TEST_F(TimersTest, are_armed_once_and_forget_when_they_are_cancelled_or_gone) {
  auto a = make('a'), b = make('b'), c = make('c');
  for (auto* timer : {&a, &b, &c}) (*timer)->arm(1h);
  a->arm(3h);
  b->cancel();
  c.reset();
  EXPECT_EQ(due(2h), "");
  EXPECT_EQ(due(4h), "a");
  b->arm(1h);
  EXPECT_EQ(due(2h), "b");
}

TEST_F(TimersTest, with_the_longest_possible_delay_do_not_run) {
  const auto timer = make('a');
  timer->arm(std::chrono::milliseconds::max());
  EXPECT_EQ(due(24h * 365), "");
  EXPECT_GE(*timers.wait(start), 24h * 365);
}

TEST_F(TimersTest, may_arm_or_destroy_themselves_while_they_run) {
  std::unique_ptr<Timer> again, gone;
  int times = 0;
  again = timers.make([&] {
    if (++times < 3) again->arm(1h);
  });
  gone = timers.make([&] { gone.reset(); });
  again->arm(1h);
  gone->arm(1h);
  due(100h);
  EXPECT_EQ(times, 3);
  EXPECT_FALSE(gone);
  EXPECT_FALSE(timers.wait(start));
}

}  // namespace
}  // namespace hubbub::runtime

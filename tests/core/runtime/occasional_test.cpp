#include "runtime/occasional.hpp"

#include <gtest/gtest.h>

namespace hubbub::runtime {
namespace {

using namespace std::chrono_literals;

TEST(Occasional, is_due_once_in_each_interval_that_begins_when_it_is_said) {
  const Occasional::Time start{1h};
  Occasional line;
  EXPECT_TRUE(line.is_due(start, 1min));
  EXPECT_FALSE(line.is_due(start, 1min));
  EXPECT_FALSE(line.is_due(start + 59s, 1min));
  EXPECT_TRUE(line.is_due(start + 70s, 1min));
  EXPECT_FALSE(line.is_due(start + 129s, 1min));
  EXPECT_TRUE(line.is_due(start + 130s, 1min));
}

TEST(Occasional, is_due_at_most_once_a_minute_if_nothing_is_said_about_the_time) {
  Occasional line;
  EXPECT_TRUE(line.is_due());
  EXPECT_FALSE(line.is_due());
  const auto now = std::chrono::steady_clock::now();
  EXPECT_FALSE(line.is_due(now + 1s, 1min));
  EXPECT_TRUE(line.is_due(now + 1min, 1min));
}

}  // namespace
}  // namespace hubbub::runtime

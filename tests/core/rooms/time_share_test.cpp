#include "rooms/time_share.hpp"

#include <gtest/gtest.h>

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;

const TimeShare::Time start{};

TEST(TimeShare, is_one_part_of_the_time_beyond_what_is_free) {
  TimeShare share{10, 50ms};
  EXPECT_EQ(share.wait(start), 0ms);
  share.spent(50ms, start);
  EXPECT_EQ(share.wait(start), 0ms) << "free at once";
  share.spent(1ms, start);
  EXPECT_EQ(share.wait(start), 10ms);
  EXPECT_EQ(share.wait(start + 9ms), 1ms);
  EXPECT_EQ(share.wait(start + 10ms), 0ms);
  share.spent(10ms, start + 10ms);
  EXPECT_EQ(share.wait(start + 10ms), 100ms);
}

TEST(TimeShare, has_what_is_free_again_after_a_pause_and_no_more) {
  TimeShare share{4, 10ms};
  share.spent(100ms, start);
  EXPECT_EQ(share.wait(start), 360ms);
  share.spent(10ms, start + 1h);
  EXPECT_EQ(share.wait(start + 1h), 0ms);
  share.spent(1ms, start + 1h);
  EXPECT_EQ(share.wait(start + 1h), 4ms);
}

}  // namespace
}  // namespace hubbub::rooms

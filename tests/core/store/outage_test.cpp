#include "store/outage.hpp"

#include <gtest/gtest.h>

namespace hubbub::store {
namespace {

using namespace std::chrono_literals;

// An outage, and how often its begin or its lasting, and its end, were to be said.
struct Watched {
  void pass(std::chrono::milliseconds time) {
    now += time;
    ends += outage.ended(now) ? 1 : 0;
  }
  void fail() { failures += outage.failed(now) ? 1 : 0; }
  void work() { outage.worked(now); }

  Outage outage;
  Outage::Time now{};
  int failures = 0, ends = 0;
};

TEST(Outage, is_said_when_it_begins_and_when_it_has_ended_for_a_while) {
  Watched disk;
  disk.work();
  disk.pass(1h);
  EXPECT_EQ(disk.ends, 0) << "there was none";
  disk.fail();
  EXPECT_EQ(disk.failures, 1);
  disk.pass(1s);
  disk.work();
  disk.pass(1s);
  EXPECT_EQ(disk.ends, 0);
  disk.pass(4s);
  EXPECT_EQ(disk.ends, 1) << "even if nothing more is written";
  disk.pass(1h);
  disk.fail();
  EXPECT_EQ(disk.failures, 2);
}

TEST(Outage, is_one_however_often_a_write_goes_through_in_between) {
  Watched disk;
  for (int i = 0; i < 1000; ++i) {
    disk.fail();
    disk.pass(10ms);
    disk.work();
    disk.pass(10ms);
  }
  EXPECT_EQ(disk.ends, 0);
  EXPECT_LE(disk.failures, 2);
  disk.pass(5s);
  EXPECT_EQ(disk.ends, 1);
}

TEST(Outage, is_said_less_and_less_often_while_it_lasts) {
  Watched disk;
  for (int i = 0; i < 24 * 3600; ++i) {
    disk.fail();
    disk.pass(1s);
  }
  EXPECT_LT(disk.failures, 200);
  EXPECT_GT(disk.failures, 100);
}

TEST(Outage, fills_no_log_where_it_comes_back_each_time_it_seemed_over) {
  Watched disk;
  for (int i = 0; i < 24 * 360; ++i) {
    disk.fail();
    disk.pass(1s);
    disk.work();
    disk.pass(9s);
  }
  EXPECT_LT(disk.ends, 20);
  EXPECT_LT(disk.failures, 400);
}

}  // namespace
}  // namespace hubbub::store

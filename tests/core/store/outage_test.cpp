#include "store/outage.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

namespace hubbub::store {
namespace {

using namespace std::chrono_literals;

// An outage, with the numbers of log lines about its beginning or lasting, and about its end.
struct Watched {
  [[gnu::noinline]] void pass(std::chrono::milliseconds time) {  // otherwise GCC warns of an uninitialized value
    now += time;
    ends += outage.ended(now) ? 1 : 0;
  }
  void fail() { failures += outage.failed(now) ? 1 : 0; }
  void work() { outage.worked(now); }

  Outage outage;
  Outage::Time now{};
  int failures = 0, ends = 0;
};

TEST(Outage, is_logged_when_it_begins_and_some_time_after_its_end) {
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

TEST(Outage, is_one_outage_even_if_a_write_succeeds_now_and_then) {
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

TEST(Outage, is_logged_less_and_less_often_while_it_lasts) {
  Watched disk;
  for (int i = 0; i < 24 * 3600; ++i) {
    disk.fail();
    disk.pass(1s);
  }
  EXPECT_LT(disk.failures, 200);
  EXPECT_GT(disk.failures, 100);
}

TEST(Outage, does_not_fill_the_log_if_it_returns_again_and_again) {
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

// The times of log lines in an hour with one attempt per second, which fails unless `works` returns true.
std::vector<int> said(Watched& disk, const std::function<bool(int)>& works) {
  std::vector<int> times;
  for (int second = 0; second < 3600; ++second) {
    const auto before = disk.failures + disk.ends;
    works(second) ? disk.work() : disk.fail();
    disk.pass(1s);
    if (disk.failures + disk.ends != before) times.push_back(second);
  }
  return times;
}

TEST(Outage, is_logged_like_the_first_if_it_begins_long_after_another) {
  const std::vector<std::function<bool(int)>> courses = {
      [](int) { return false; },
      [](int second) { return second > 100; },
      [](int second) { return second > 1500; },
      [](int second) { return second % 20 > 5; },
      [](int second) { return second % 3 == 0; },
  };
  for (const auto& before : courses) {
    for (const auto& course : courses) {
      Watched disk, fresh;
      said(disk, before);
      disk.work();
      disk.pass(10min);
      disk.pass(10min);
      EXPECT_EQ(said(disk, course), said(fresh, course));
    }
  }
}

}  // namespace
}  // namespace hubbub::store

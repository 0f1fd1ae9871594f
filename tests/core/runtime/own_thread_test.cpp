// What is asserted about threads in a debug build, and that it costs a release build nothing.
#include "runtime/own_thread.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <string>
#include <type_traits>

#include "runtime/io_shard.hpp"
#include "runtime/thread.hpp"
#include "testing/manual_shard.hpp"

namespace hubbub::runtime {
namespace {

struct Counter {
  void count() {
    HUBBUB_ASSERT_OWN_THREAD(thread);
    ++counted;
  }

  [[no_unique_address]] OwnThread thread;
  int counted = 0;
};

void on_a_thread_called(const std::string& name, const std::function<void()>& call) {
  start_thread(name, [&] { call(); }).join();
}

#ifdef HUBBUB_ASSERTS_THREADS

struct OwnThreadDeathTest : ::testing::Test {
  OwnThreadDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(OwnThreadDeathTest, an_object_belongs_to_the_thread_that_uses_it_first) {
  Counter counter;
  on_a_thread_called("first", [&] { counter.count(); });
  EXPECT_DEATH(on_a_thread_called("second", [&] { counter.count(); }),
               "Counter::count\\(\\) is called on the thread \"second\", but the object 0x[0-9a-f]+ belongs to the thread \"first\"");
  EXPECT_DEATH(counter.count(), "");
  on_a_thread_called("third", [copy = counter]() mutable { copy.count(); });
  counter.thread.hand_over();
  on_a_thread_called("second", [&] { counter.count(); });
  EXPECT_EQ(counter.counted, 2);
}

TEST_F(OwnThreadDeathTest, a_manual_shard_counts_as_a_thread_while_it_runs_something) {
  testing::ManualShard one, other;
  Counter counter;
  one.enter([&] { counter.count(); });
  other.enter([&] { one.enter([&] { counter.count(); }); });
  EXPECT_EQ(counter.counted, 2);
  EXPECT_DEATH(counter.count(), "belongs to the thread \"manual shard\"");
  EXPECT_DEATH(one.enter([&] { other.enter([&] { counter.count(); }); }), "is called on the thread \"manual shard\"");
  EXPECT_DEATH(one.enter([&] { static_cast<void>(other.make_timer([] {})); }), "ManualShard::make_timer");
}

TEST_F(OwnThreadDeathTest, timers_and_sockets_are_for_their_shards_thread) {
  EXPECT_DEATH(
      {
        IoShard shard{"its own"};
        std::promise<void> runs;
        shard.post([&] { runs.set_value(); });
        shard.start();
        runs.get_future().get();
        shard.make_timer([] {})->arm(std::chrono::hours{1});
      },
      "Timers::Armed.*belongs to the thread \"its own\"");
}

#else

TEST(OwnThread, takes_no_space_and_checks_nothing_in_a_release_build) {
  static_assert(std::is_empty_v<OwnThread> && sizeof(Counter) == sizeof(int));
  Counter counter;
  for (int i = 0; i < 2; ++i) on_a_thread_called("any", [&] { counter.count(); });
  EXPECT_EQ(counter.counted, 2);
}

#endif

}  // namespace
}  // namespace hubbub::runtime

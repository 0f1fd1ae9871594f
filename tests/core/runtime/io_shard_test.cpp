#include "runtime/io_shard.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/loop.hpp"

namespace hubbub::runtime {
namespace {

using namespace std::chrono_literals;

// Runs `task` on the shard's thread and waits for its result.
template <class TaskWithResult>
auto get(IoShard& shard, TaskWithResult task) {
  std::packaged_task<decltype(task())()> packaged{std::move(task)};
  auto result = packaged.get_future();
  shard.post([&packaged] { packaged(); });
  return result.get();
}

TEST(IoShard, RunsTasksInTheirOrderOnItsOwnThread) {
  IoShard shard;
  shard.start();
  EXPECT_FALSE(shard.is_current());
  std::vector<int> order;
  for (int i = 0; i < 1000; ++i) shard.post([&order, i] { order.push_back(i); });
  EXPECT_TRUE(get(shard, [&shard] { return shard.is_current(); }));
  ASSERT_EQ(order.size(), 1000U);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(IoShard, RunsTasksPostedBeforeTheStartAndThoseBeforeTheStop) {
  IoShard shard;
  int runs = 0;
  shard.post([&runs] { ++runs; });
  shard.start();
  for (int i = 0; i < 5000; ++i) shard.post([&runs] { ++runs; });
  shard.stop();
  shard.join();
  EXPECT_EQ(runs, 5001);
}

TEST(IoShard, HandsWhatATurnPostsToAnotherShardOverInItsOrder) {
  IoShard one, other;
  one.start();
  other.start();
  std::vector<int> order;
  std::promise<void> done;
  for (int turn = 0; turn < 100; ++turn) {
    get(one, [&, turn] {  // and waits for it, so that each is a turn of its own
      for (int i = 0; i < 10; ++i) {
        other.post([&order, n = 10 * turn + i] {
          order.push_back(n);
          if (n % 7 == 0) throw std::runtime_error{"on purpose"};  // which is not the next one's business
        });
      }
      if (turn == 99) other.post([&done] { done.set_value(); });
      return turn;
    });
  }
  ASSERT_EQ(done.get_future().wait_for(20s), std::future_status::ready);
  ASSERT_EQ(order.size(), 1000U);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

// Who has something to write when a turn ends.
struct Writing final : TurnEnd {
  void on_turn_end() override { write(); }
  std::function<void()> write;
};

TEST(IoShard, WritesWhenAllThatWasToDoIsDoneBatchesFirstAndOnceEach) {
  IoShard shard;
  std::string order;
  Writing own, late;
  const auto batch = std::make_shared<Writing>(), another = std::make_shared<Writing>();
  own.write = [&] { order += "own "; };
  late.write = [&] { order += "late "; };
  batch->write = [&] {
    order += "batch ";
    shard.loop().at_end_of_turn<&Writing::on_turn_end>(late);  // whoever finds out something while writing
    shard.at_end_of_turn(another);
  };
  another->write = [&] { order += "another "; };
  shard.post([&] {
    shard.loop().at_end_of_turn<&Writing::on_turn_end>(own);
    shard.at_end_of_turn(batch);
    order += "task ";
  });
  shard.post([&] { order += "task "; });
  shard.start();
  get(shard, [] { return 0; });
  get(shard, [] { return 0; });  // in another turn
  EXPECT_EQ(get(shard, [&] { return order; }), "task task batch another own late ");
}

TEST(IoShard, OutlivesTasksThatThrow) {
  IoShard shard;
  shard.start();
  shard.post([] { throw std::runtime_error{"on purpose"}; });
  shard.post([] { throw 42; });
  EXPECT_EQ(get(shard, [] { return 7; }), 7);
}

TEST(IoShard, TimersFireOnceAndOnItsThread) {
  IoShard shard;
  shard.start();
  std::promise<bool> fired;
  std::unique_ptr<Timer> timer;
  const auto before = shard.now();
  get(shard, [&] {
    timer = shard.make_timer([&] { fired.set_value(shard.is_current()); });
    timer->arm(20ms);
  });
  EXPECT_TRUE(fired.get_future().get());
  EXPECT_GE(shard.now() - before, 20ms);
  get(shard, [&] { timer.reset(); });
}

TEST(IoShard, ArmingAgainReplacesAndCancellingForgets) {
  IoShard shard;
  shard.start();
  std::promise<void> done;
  int cancelled = 0, replaced = 0;
  std::vector<std::unique_ptr<Timer>> timers;
  get(shard, [&] {
    timers.push_back(shard.make_timer([&] { ++cancelled; }));
    timers.push_back(shard.make_timer([&] { ++cancelled; }));
    timers.push_back(shard.make_timer([&] { ++replaced; }));
    timers.push_back(shard.make_timer([&] { done.set_value(); }));
    timers[0]->arm(1ms);
    timers[0]->cancel();
    timers[1]->arm(1ms);
    timers[1].reset();
    timers[2]->arm(1ms);
    timers[2]->arm(2ms);
    timers[3]->arm(20ms);
  });
  done.get_future().get();
  get(shard, [&] { timers.clear(); });
  EXPECT_EQ(cancelled, 0);
  EXPECT_EQ(replaced, 1);
}

TEST(IoShard, ATimersTaskMayDestroyTheTimer) {
  IoShard shard;
  shard.start();
  std::promise<void> done;
  std::unique_ptr<Timer> timer;
  get(shard, [&] {
    timer = shard.make_timer([&, alive = std::make_shared<int>(1)] {
      timer.reset();
      if (*alive == 1) done.set_value();
    });
    timer->arm(1ms);
  });
  done.get_future().get();
}

}  // namespace
}  // namespace hubbub::runtime

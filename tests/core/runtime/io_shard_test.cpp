#include "runtime/io_shard.hpp"

#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <array>
#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
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

TEST(IoShard, RunsTasksInOrderOnItsOwnThread) {
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

// Calls back when it is destroyed.
struct AtEnd {
  explicit AtEnd(std::function<void()> its_call) : call(std::move(its_call)) {}
  AtEnd(const AtEnd&) = delete;
  AtEnd& operator=(const AtEnd&) = delete;
  ~AtEnd() { call(); }
  std::function<void()> call;
};

TEST(IoShard, DestroysTasksThatItNeverRunsAndThoseThatTheirDestructionPosts) {
  int ran = 0, destroyed = 0;
  {
    IoShard shard;
    shard.start();
    shard.stop();
    shard.join();
    shard.post([&, last = std::make_shared<AtEnd>([&] {
                     shard.post([&, other = std::make_shared<AtEnd>([&] { ++destroyed; })] { ++ran; });
                     ++destroyed;
                   })] { ++ran; });
    EXPECT_EQ(destroyed, 0);
  }
  EXPECT_EQ(ran, 0);
  EXPECT_EQ(destroyed, 2);
}

TEST(IoShard, RunsAFirstPartOfEachThreadsTasksWhileItStopsAndDestroysTheRest) {
  constexpr std::size_t threads = 4, each = 2000;
  std::array<std::vector<std::size_t>, threads> ran;
  std::atomic<std::size_t> destroyed = 0;
  {
    IoShard shard;
    shard.start();
    std::vector<std::thread> posting;
    for (std::size_t thread = 0; thread < threads; ++thread) {
      posting.emplace_back([&, thread] {
        for (std::size_t i = 0; i < each; ++i) {
          shard.post([&, thread, i, end = std::make_shared<AtEnd>([&] { ++destroyed; })] { ran[thread].push_back(i); });
          if (thread == 0 && i == each / 2) shard.stop();
        }
      });
    }
    for (auto& thread : posting) thread.join();
    shard.join();
  }
  EXPECT_EQ(destroyed, threads * each);
  EXPECT_EQ(ran[0].size(), each / 2 + 1);
  for (const auto& its : ran) {
    for (std::size_t i = 0; i < its.size(); ++i) ASSERT_EQ(its[i], i);
  }
}

TEST(IoShard, HandsOverTasksThatAnObjectReleasedInTheLastTurnPosts) {
  IoShard one, other;
  std::string order;
  one.post([&] {
    one.loop().dispose(std::make_shared<AtEnd>([&] {
      other.post([&] { order += "posted "; });
      one.loop().dispose(std::make_shared<AtEnd>([&] { other.post([&] { order += "by what it disposed of"; }); }));
    }));
  });
  one.stop();
  one.start();
  one.join();
  other.start();
  other.stop();
  other.join();
  EXPECT_EQ(order, "posted by what it disposed of");
}

TEST(IoShard, HandsTasksOfATurnToAnotherShardInOrder) {
  IoShard one, other;
  one.start();
  other.start();
  std::vector<int> order;
  std::promise<void> done;
  for (int turn = 0; turn < 100; ++turn) {
    get(one, [&, turn] {  // and waits for it, so that each has its own turn
      for (int i = 0; i < 10; ++i) {
        other.post([&order, n = 10 * turn + i] {
          order.push_back(n);
          if (n % 7 == 0) throw std::runtime_error{"on purpose"};  // must not affect the next one
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

// Something that writes at the end of a turn.
struct Writing final : TurnEnd {
  void on_turn_end() override { write(); }
  std::function<void()> write;
};

TEST(IoShard, WritesAtTheEndOfATurnBatchesFirstAndOnceEach) {
  IoShard shard;
  std::string order;
  Writing own, late;
  const auto batch = std::make_shared<Writing>(), another = std::make_shared<Writing>();
  own.write = [&] { order += "own "; };
  late.write = [&] { order += "late "; };
  batch->write = [&] {
    order += "batch ";
    shard.loop().at_end_of_turn<&Writing::on_turn_end>(late);  // registers during the writing
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

TEST(IoShard, SurvivesTasksThatThrow) {
  IoShard shard;
  shard.start();
  shard.post([] { throw std::runtime_error{"on purpose"}; });
  shard.post([] { throw 42; });
  EXPECT_EQ(get(shard, [] { return 7; }), 7);
}

TEST(IoShard, SurvivesTimersAndWritersThatThrow) {
  IoShard shard;
  std::promise<void> fired, written;
  std::vector<std::unique_ptr<Timer>> timers;
  const auto bad = std::make_shared<Writing>(), good = std::make_shared<Writing>();
  bad->write = [] { throw std::runtime_error{"on purpose"}; };
  good->write = [&] { written.set_value(); };
  shard.post([&] {
    timers.push_back(shard.make_timer([] { throw std::runtime_error{"on purpose"}; }));
    timers.push_back(shard.make_timer([&] { fired.set_value(); }));
    for (const auto& timer : timers) timer->arm(0ms);
    shard.at_end_of_turn(bad);
    shard.at_end_of_turn(good);
  });
  shard.start();
  written.get_future().get();
  fired.get_future().get();
  get(shard, [&] { timers.clear(); });
}

// Watches an eventfd that can be read all the time.
struct Watching final : Poller::Watcher {
  explicit Watching(std::function<void()> its_call) : call(std::move(its_call)) {}
  void on_ready(bool, bool) override { call(); }
  Descriptor descriptor{::eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK)};
  std::function<void()> call;
};

TEST(IoShard, CallsAWatcherEvenIfOneBeforeItThrowsInEachTurn) {
  IoShard shard;
  std::promise<void> told;
  Watching first{[] { throw std::runtime_error{"on purpose"}; }}, last{first.call};
  Watching between{[&] {
    told.set_value();
    for (auto* watching : {&first, &between, &last}) shard.loop().poller().remove(watching->descriptor.get(), *watching);
  }};
  shard.post([&] {
    for (auto* watching : {&first, &between, &last}) shard.loop().poller().add(watching->descriptor.get(), *watching, {.reading = true});
  });
  shard.start();
  EXPECT_EQ(told.get_future().wait_for(20s), std::future_status::ready);
  shard.stop();
  shard.join();
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

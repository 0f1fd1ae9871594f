// How many connections there may be.
#include "net/connection_count.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace hubbub::net {
namespace {

using Clock = std::chrono::steady_clock;

TEST(ConnectionCount, gives_as_many_places_as_there_are_and_each_again_once_it_was_given_up) {
  ConnectionCount count{3};
  std::vector<ConnectionCount::Slot> slots;
  for (std::size_t i = 1; i <= 3; ++i) {
    auto slot = count.take();
    ASSERT_TRUE(slot);
    slots.push_back(*std::move(slot));
    EXPECT_EQ(count.live(), i);
  }
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(count.take());
  EXPECT_EQ(count.live(), 3U) << "who was refused has none";
  slots.pop_back();
  EXPECT_EQ(count.live(), 2U);
  EXPECT_TRUE(count.take()) << "and given up at once";
  EXPECT_EQ(count.live(), 2U);
}

TEST(ConnectionCount, has_each_place_given_up_once_wherever_it_was_moved) {
  ConnectionCount count{10};
  {
    auto slot = *count.take();
    auto moved = std::move(slot);
    auto other = *count.take();
    other = std::move(moved);  // which has the other's then
    EXPECT_EQ(count.live(), 2U);
    ConnectionCount::Slots slots;
    slots.put(std::move(other));
    slots.put(std::move(moved));
    EXPECT_EQ(count.live(), 2U);
    {
      const auto taken = slots.take();
      EXPECT_EQ(count.live(), 2U);
    }
    EXPECT_EQ(count.live(), 1U);
  }
  EXPECT_EQ(count.live(), 0U);
}

TEST(ConnectionCount, may_be_waited_for_until_there_is_none_or_the_time_is_up) {
  ConnectionCount count{10};
  EXPECT_TRUE(count.wait_until_none(Clock::now()));
  std::optional<ConnectionCount::Slot> one = count.take(), other = count.take();
  EXPECT_FALSE(count.wait_until_none(Clock::now() + std::chrono::milliseconds{1}));
  std::thread thread{[&] {
    one.reset();
    other.reset();
  }};
  EXPECT_TRUE(count.wait_until_none(Clock::now() + std::chrono::minutes{1}));
  thread.join();
}

TEST(ConnectionCount, is_right_whoever_takes_places_at_the_same_time) {
  ConnectionCount count{5};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 20'000; ++k) {
        const auto slot = count.take();
        const auto another = count.take();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(count.live(), 0U);
  std::vector<ConnectionCount::Slot> slots;
  while (auto slot = count.take()) slots.push_back(*std::move(slot));
  EXPECT_EQ(slots.size(), 5U);
}

}  // namespace
}  // namespace hubbub::net

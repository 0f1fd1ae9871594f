#include "rooms/order.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace hubbub::rooms {
namespace {

struct Orders : ::testing::Test {
  // A step that notes its name, and that it was told that its state is void.
  Order::Step step(const std::string& name) {
    return [this, name](bool holds) { ran += name + (holds ? "" : "!") + " "; };
  }
  std::string taken() { return std::exchange(ran, {}); }

  Order order;
  std::string ran;
};

TEST_F(Orders, run_a_step_at_once_if_none_is_before_it_and_else_in_its_turn) {
  order.then(step("a"));
  EXPECT_EQ(taken(), "a ");
  const auto b = order.hold(step("b"));
  order.then(step("c"));
  const auto d = order.hold(step("d"));
  order.then(step("e"));
  EXPECT_EQ(taken(), "");
  order.release(d);
  EXPECT_EQ(taken(), "") << "b is before it";
  order.release(b);
  EXPECT_EQ(taken(), "b c d e ");
  EXPECT_TRUE(order.empty());
}

TEST_F(Orders, tell_all_behind_one_that_failed_and_nobody_else) {
  const auto a = order.hold(step("a"));
  order.then(step("b"));
  const auto c = order.hold(step("c"));
  order.then(step("d"));
  const auto e = order.hold(step("e"));
  order.fail(c);
  order.then(step("f"));  // decided afterwards
  order.release(a);
  EXPECT_EQ(taken(), "a b c! d! ");
  order.release(e);
  EXPECT_EQ(taken(), "e! f ");
}

TEST_F(Orders, count_what_waits_and_what_it_weighs) {
  const auto a = order.hold(step("a"), 10);
  order.then(step("b"), 5);
  EXPECT_EQ(order.size(), 2U);
  EXPECT_EQ(order.weight(), 15U);
  order.release(a);
  EXPECT_EQ(order.size(), 0U);
  EXPECT_EQ(order.weight(), 0U);
  std::vector<Order::Ticket> tickets;
  for (int i = 0; i < 100; ++i) tickets.push_back(order.hold(step(std::to_string(i)), 1));
  for (int i = 0; i < 60; ++i) order.release(tickets[static_cast<std::size_t>(i)]);
  EXPECT_EQ(order.size(), 40U);
  EXPECT_EQ(order.weight(), 40U);
  order.fail(tickets[99]);
  for (std::size_t i = 60; i < 99; ++i) order.release(tickets[i]);
  EXPECT_TRUE(taken().ends_with(" 97 98 99! "));
}

TEST_F(Orders, run_what_a_step_adds_behind_all_that_was_there) {
  const auto a = order.hold([this](bool) {
    ran += "a ";
    order.then(step("added"));
  });
  order.then(step("b"));
  order.release(a);
  EXPECT_EQ(taken(), "a b added ");
}

TEST_F(Orders, run_the_others_though_one_throws_and_say_so_in_the_end) {
  const auto a = order.hold([](bool) { throw std::runtime_error("a"); });
  order.then([](bool) { throw std::runtime_error("b"); });
  order.then(step("c"));
  try {
    order.release(a);
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "a") << "the first";
  }
  EXPECT_EQ(taken(), "c ");
  EXPECT_TRUE(order.empty());
}

}  // namespace
}  // namespace hubbub::rooms

// In which pages somebody who comes is handed a greeting.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "rooms/joining.hpp"

namespace hubbub::rooms {
namespace {

struct JoiningPages : ::testing::Test {
  // Frames with numbers, each of so many bytes.
  Frames frames(const std::vector<std::size_t>& sizes) {
    std::vector<Frame> made;
    for (const auto size : sizes) {
      auto text = std::to_string(++last);
      text.resize(std::max(text.size(), size), ' ');
      made.push_back(Frame::copy(text));
    }
    return std::make_shared<const std::vector<Frame>>(std::move(made));
  }
  // The numbers of the frames of the next page.
  std::vector<int> next(std::size_t most) {
    std::vector<int> numbers;
    for (const auto& frame : joining.next_page(most)) numbers.push_back(std::stoi(std::string{frame.payload()}));
    return numbers;
  }

  int last = 0;
  Joining joining{std::nullopt, true, {}};
  const std::size_t weight = Frame::copy(std::string(50, ' ')).weight();
};
using Numbers = std::vector<int>;

TEST_F(JoiningPages, hold_as_much_as_they_may_and_one_message_at_least) {
  EXPECT_TRUE(joining.is_greeted());
  EXPECT_EQ(next(1000), Numbers{});
  joining.greet_with(frames({50, 50, 50, 50, 5000, 50}));
  EXPECT_FALSE(joining.is_greeted());
  EXPECT_EQ(next(2 * weight - 1), Numbers{1});
  EXPECT_EQ(next(2 * weight), (Numbers{2, 3}));
  EXPECT_EQ(next(2 * weight), Numbers{4});
  EXPECT_EQ(next(2 * weight), Numbers{5});
  EXPECT_FALSE(joining.is_greeted());
  EXPECT_EQ(next(0), Numbers{6});
  EXPECT_TRUE(joining.is_greeted());
  EXPECT_EQ(next(1000), Numbers{});
}

TEST_F(JoiningPages, go_from_one_plugins_greeting_to_the_next) {
  for (const auto& sizes : std::vector<std::vector<std::size_t>>{{50, 50}, {}, {50}, {50, 50}}) joining.greet_with(frames(sizes));
  EXPECT_EQ(next(3 * weight), (Numbers{1, 2, 3}));
  joining.greet_with(frames({50}));
  EXPECT_EQ(next(3 * weight), (Numbers{4, 5, 6}));
  EXPECT_TRUE(joining.is_greeted());
  joining.greet_with(frames({}));
  EXPECT_TRUE(joining.is_greeted()) << "a plugin that has nothing to say";
}

TEST_F(JoiningPages, begin_anew_with_another_greeting) {
  joining.greet_with(frames({50, 50, 50}));
  EXPECT_EQ(next(weight), Numbers{1});
  joining.forget_greeting();
  EXPECT_TRUE(joining.is_greeted());
  joining.greet_with(frames({50, 50}));
  EXPECT_EQ(next(10 * weight), (Numbers{4, 5})) << "from its beginning";
}

TEST_F(JoiningPages, are_together_the_whole_greeting_each_message_once_however_large_anything_is) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    const auto before = last;
    for (int i = 0; i < 5; ++i) {
      std::vector<std::size_t> sizes(random() % 10);
      for (auto& size : sizes) size = random() % 200;
      joining.greet_with(frames(sizes));
    }
    int number = before;
    while (!joining.is_greeted()) {
      const std::size_t most = random() % 1000;
      const auto page = joining.next_page(most);
      ASSERT_FALSE(page.empty());
      ASSERT_TRUE(page.size() == 1 || weight_of(page) <= most);
      for (const auto& frame : page) ASSERT_EQ(std::stoi(std::string{frame.payload()}), ++number);
    }
    EXPECT_EQ(number, last);
  }
}

}  // namespace
}  // namespace hubbub::rooms

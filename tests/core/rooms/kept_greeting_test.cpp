// How long a greeting is kept, and what is sent behind it.
#include "rooms/kept_greeting.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace hubbub::rooms {
namespace {

constexpr std::size_t large = 64 << 10;

// So many bytes by weight, and what it begins with.
Frame frame(std::size_t weight, char name = 'g') {
  for (auto size = weight - Frame::overhead;; --size) {
    auto made = Frame::copy(std::string(size, name));
    if (made.weight() == weight) return made;
  }
}
Parts frames(std::size_t weight) { return {{std::make_shared<const std::vector<Frame>>(2, frame(weight / 2))}, weight / 2 * 2}; }

// What it is made of, by the first letters.
std::string told(KeptGreeting& greeting) {
  std::string all;
  std::size_t weight = 0;
  for (const auto& part : greeting.greeting().parts) {
    for (const auto& one : *part) all += one.payload().front();
    weight += weight_of(*part);
  }
  EXPECT_EQ(greeting.greeting().weight, weight);
  return all;
}

TEST(KeptGreeting, is_none_at_first_and_once_it_was_forgotten) {
  KeptGreeting greeting;
  EXPECT_FALSE(greeting.is_there());
  greeting.follow_with(frame(100));
  greeting.forget();
  EXPECT_FALSE(greeting.is_there());
  greeting.keep(frames(1000), false);
  EXPECT_TRUE(greeting.is_there());
  EXPECT_EQ(told(greeting), "gg");
  EXPECT_EQ(told(greeting), "gg");
  greeting.forget();
  EXPECT_FALSE(greeting.is_there());
}

TEST(KeptGreeting, is_forgotten_when_the_state_changes_unless_it_is_large_and_may_be_followed) {
  for (const auto& [weight, may_be, is_kept] : std::vector<std::tuple<std::size_t, bool, bool>>{
           {1000, false, false}, {1000, true, false}, {large - 2, true, false}, {large, false, false}, {large, true, true}, {4 * large, true, true}}) {
    KeptGreeting greeting;
    greeting.keep(frames(weight), may_be);
    greeting.follow_with(frame(100, 'a'));
    EXPECT_EQ(greeting.is_there(), is_kept) << weight << (may_be ? ", may be followed" : "");
    if (is_kept && greeting.is_there()) {
      EXPECT_EQ(told(greeting), "gga");
    }
  }
}

TEST(KeptGreeting, is_followed_by_what_changed_the_state_in_its_order_for_everybody_who_comes) {
  KeptGreeting greeting;
  greeting.keep(frames(large), true);
  for (const char name : std::string_view{"abc"}) greeting.follow_with(frame(100, name));
  EXPECT_EQ(told(greeting), "ggabc");
  EXPECT_EQ(told(greeting), "ggabc");
  greeting.follow_with(frame(100, 'd'));
  EXPECT_EQ(told(greeting), "ggabcd");
  greeting.keep(frames(large), true);
  EXPECT_EQ(told(greeting), "gg") << "made anew, it stands for all of them";
}

TEST(KeptGreeting, that_somebody_holds_stays_what_it_was) {
  KeptGreeting greeting;
  greeting.keep(frames(large), true);
  greeting.follow_with(frame(100, 'a'));
  const auto held = greeting.greeting();
  greeting.follow_with(frame(100, 'b'));
  EXPECT_EQ(told(greeting), "ggab");
  greeting.forget();
  ASSERT_EQ(held.parts.size(), 2U);
  EXPECT_EQ(held.parts[0]->size() + held.parts[1]->size(), 3U);
}

// However often somebody comes, what each holds of it is shared with the others.
TEST(KeptGreeting, is_in_few_parts_and_its_beginning_in_one_that_all_share) {
  KeptGreeting greeting;
  greeting.keep(frames(4 * large), true);
  const auto beginning = greeting.greeting().parts.front();
  for (int i = 0; i < 500; ++i) {
    greeting.follow_with(frame(100, 'a'));
    EXPECT_LE(greeting.greeting().parts.size(), 11U);
  }
  EXPECT_EQ(greeting.greeting().parts.front(), beginning);
  EXPECT_EQ(told(greeting), "gg" + std::string(500, 'a'));
}

TEST(KeptGreeting, is_followed_by_half_as_much_as_it_weighs_and_no_more_however_often_it_was_asked_for) {
  for (const std::size_t asked_each : {1U, 3U, 1000U}) {
    SCOPED_TRACE(asked_each);
    KeptGreeting greeting;
    greeting.keep(frames(large), true);
    constexpr std::size_t pieces = 32;
    for (std::size_t i = 1; i <= pieces; ++i) {
      greeting.follow_with(frame(large / 2 / pieces, 'a'));
      ASSERT_TRUE(greeting.is_there()) << i;
      if (i % asked_each == 0) greeting.greeting();
    }
    EXPECT_EQ(told(greeting), "gg" + std::string(pieces, 'a'));
    greeting.follow_with(frame(100, 'b'));
    EXPECT_FALSE(greeting.is_there());
  }
  KeptGreeting greeting;
  greeting.keep(frames(large), true);
  greeting.follow_with(frame(large / 2 + 1, 'a'));
  EXPECT_FALSE(greeting.is_there()) << "nor by one message that is larger";
}

}  // namespace
}  // namespace hubbub::rooms

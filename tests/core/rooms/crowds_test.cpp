// About how many are in each room.
#include "rooms/crowds.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace hubbub::rooms {
namespace {

std::string room(int number) { return "room " + std::to_string(number); }

TEST(Crowds, are_taken_for_smaller_never_and_for_larger_seldom) {
  const auto crowds = std::make_unique<Crowds>();
  constexpr int rooms = 200;
  for (int i = 0; i < rooms; ++i) {
    for (int k = 0; k < i; ++k) crowds->add(room(i));
  }
  int larger = 0;
  for (int i = 0; i < rooms; ++i) {
    EXPECT_GE(crowds->about(room(i)), static_cast<std::size_t>(i));
    larger += crowds->about(room(i)) > static_cast<std::size_t>(i) ? 1 : 0;
  }
  EXPECT_LT(larger, rooms / 4) << "of 4096 counters";
  for (int i = 0; i < rooms; ++i) {
    for (int k = 0; k < i; ++k) crowds->remove(room(i));
  }
  for (int i = 0; i < rooms; ++i) EXPECT_EQ(crowds->about(room(i)), 0U);
}

// Nobody outside can work out a name that is counted with another one.
TEST(Crowds, are_counted_together_by_chance_which_is_another_in_each_server) {
  const auto taken_for_room_0 = [] {
    const auto crowds = std::make_unique<Crowds>();
    crowds->add(room(0));
    std::vector<int> all;
    for (int i = 1; i < 100'000; ++i) {
      if (crowds->about(room(i)) != 0) all.push_back(i);
    }
    return all;
  };
  const auto one = taken_for_room_0(), other = taken_for_room_0();
  EXPECT_FALSE(one.empty());
  EXPECT_NE(one, other);
}

}  // namespace
}  // namespace hubbub::rooms

#include <gtest/gtest.h>

#include <hubbub/testing.hpp>
#include <set>

namespace {

using hubbub::testing::Json;
using hubbub::testing::Room;

const std::string dice = HUBBUB_PLUGIN_DIR "/dice.so";

TEST(Dice, everybody_sees_the_same_roll_and_it_is_one_of_the_sides) {
  Room room{dice};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  std::set<int> rolls;
  for (int i = 0; i < 200; ++i) {
    john.send("dice", {{"sides", 6}});
    const auto seen = jane.next("dice");
    EXPECT_EQ(john.next("dice"), seen);
    rolls.insert(seen["content"]["roll"].get<int>());
  }
  EXPECT_EQ(rolls, (std::set{1, 2, 3, 4, 5, 6}));
}

TEST(Dice, an_invalid_number_of_sides_is_refused) {
  Room room{dice};
  auto& john = room.join("John");
  for (const int sides : {2, 100}) {
    john.send("dice", {{"sides", sides}});
    EXPECT_LE(john.next("dice")["content"]["roll"], sides);
  }
  for (const int sides : {1, 101}) {
    john.send("dice", {{"sides", sides}});
    EXPECT_EQ(john.next("error")["content"], "sides must be 2 to 100");
  }
  for (const Json& content : {Json(6), Json({{"sides", "six"}}), Json::object()}) {
    john.send("dice", content);
    EXPECT_EQ(john.next("error")["code"], "invalid") << content;
  }
}

}  // namespace

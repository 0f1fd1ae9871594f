// How many rooms are in memory, and for how long.
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <optional>
#include <string>

#include "core/rooms/stage.hpp"
#include "store/memory.hpp"

namespace hubbub::rooms {
namespace {

struct OpenRooms : ::testing::Test {
  explicit OpenRooms(const char* most = "3") : stage{store, 2, configured({{"HUBBUB_ROOMS__OPEN", most}})} {}

  // Somebody comes into a room, says something if told to, and leaves.
  void visit(const std::string& room, bool speaks) {
    Actor guest{stage, "guest", 0, {}, room};
    if (speaks) guest.send("note", "I was here");
    stage.run();
    EXPECT_EQ(guest.inbox.closed, std::nullopt) << room;
  }
  std::uint64_t open() {
    stage.run();
    return stage.world.open_rooms();
  }

  store::MemoryStore store{{}, 1000};
  Stage stage;
};

TEST_F(OpenRooms, in_which_nothing_was_logged_close_as_soon_as_nobody_is_in_them) {
  for (int i = 0; i < 100; ++i) {
    visit("room " + std::to_string(i), false);
    stage.advance(std::chrono::milliseconds{1});
    EXPECT_EQ(open(), 0U);
  }
}

TEST_F(OpenRooms, make_way_for_others_when_nobody_is_in_them_and_lose_nothing) {
  for (int i = 0; i < 100; ++i) {
    visit("room " + std::to_string(i), true);
    EXPECT_LE(open(), 3U);
  }
  Actor jane{stage, "jane", 0, {}, "room 0"};
  stage.run();
  EXPECT_EQ(jane.take("answer").at(0)["content"], Json::array({"I was here"}));
}

TEST_F(OpenRooms, turn_others_away_where_somebody_is_in_each_of_them) {
  std::optional<Actor> here[3];
  for (int i = 0; i < 3; ++i) here[i].emplace(stage, "jane", 0, std::nullopt, "room " + std::to_string(i));
  stage.run();
  for (const std::size_t place : {0, 1}) {
    Actor bob{stage, "bob", place, {}, "another"};
    bob.send("note", "too many");
    stage.run();
    EXPECT_EQ(bob.inbox.closed, CloseCode::overloaded);
    EXPECT_TRUE(bob.inbox.messages.empty());
    Actor ann{stage, "ann", place, {}, "room 1"};
    stage.run();
    EXPECT_EQ(ann.inbox.closed, std::nullopt) << "a room that is open takes people in";
  }
  here[0].reset();
  stage.run();
  stage.advance(std::chrono::milliseconds{1});
  visit("another", false);
}

TEST_F(OpenRooms, stay_open_for_a_while_after_the_last_one_has_left) {
  using namespace std::chrono_literals;
  visit("general", true);
  stage.advance(29'999ms);
  EXPECT_EQ(open(), 1U);
  visit("general", false);
  stage.advance(29'999ms);
  EXPECT_EQ(open(), 1U) << "from when the last one has left";
  {
    Actor jane{stage, "jane"};
    stage.advance(1h);
    EXPECT_EQ(open(), 1U) << "somebody is in it";
  }
  stage.advance(29'999ms);
  EXPECT_EQ(open(), 1U);
  stage.advance(1ms);
  EXPECT_EQ(open(), 0U);
  Actor bob{stage, "bob"};
  EXPECT_EQ(bob.take("answer").at(0)["content"], Json::array({"I was here"}));
}

struct ManyOpenRooms : OpenRooms {
  ManyOpenRooms() : OpenRooms{"300"} {}
};

TEST_F(ManyOpenRooms, make_way_if_nobody_is_in_them_however_many_of_the_others_are_lived_in) {
  for (int i = 0; i < 100; ++i) visit("empty " + std::to_string(i), true);
  std::deque<Actor> here;
  for (int i = 0; i < 300; ++i) {
    here.emplace_back(stage, "jane", 0, std::nullopt, "lived in " + std::to_string(i));
    EXPECT_LE(open(), 300U);
  }
  for (const auto& jane : here) EXPECT_EQ(jane.inbox.closed, std::nullopt);
}

TEST_F(OpenRooms, are_no_longer_empty_when_somebody_has_come_back) {
  for (int i = 0; i < 3; ++i) visit("room " + std::to_string(i), true);
  std::deque<Actor> here;
  for (int i = 0; i < 3; ++i) here.emplace_back(stage, "jane", 0, std::nullopt, "room " + std::to_string(i));
  stage.run();
  Actor bob{stage, "bob", 0, {}, "another"};
  stage.run();
  EXPECT_EQ(bob.inbox.closed, CloseCode::overloaded);
  for (auto& jane : here) {
    jane.send("note", "still here", 1);
    stage.run();
    EXPECT_EQ(jane.count("note"), 1U);
  }
}

}  // namespace
}  // namespace hubbub::rooms

// How many may be in a room at once, whatever they are doing there.
#include <gtest/gtest.h>

#include <optional>

#include "core/rooms/slow_room.hpp"
#include "store/memory.hpp"

namespace hubbub::rooms {
namespace {

struct Members : SlowRoom {
  Members() : SlowRoom{{{"HUBBUB_ROOMS__MEMBERS", "2"}}} {}
};

TEST_F(Members, count_from_when_they_come_though_the_room_is_not_open_yet) {
  Actor john{stage, "john"}, jane{stage, "jane", 1};
  stage.run();
  for (const std::size_t place : {0U, 1U}) {
    Actor bob{stage, "bob", place};
    stage.run();
    EXPECT_EQ(bob.inbox.closed, CloseCode::overloaded);
    bob.send("note", "hello?");
    answer(0);
    EXPECT_TRUE(bob.inbox.messages.empty());
  }
  answer();
  for (auto* actor : {&john, &jane}) EXPECT_EQ(actor->take("welcome").size(), 1U);
  EXPECT_EQ(john.count("note"), 0U);
}

TEST_F(Members, count_until_they_go_and_who_was_refused_never_did) {
  Actor john{stage, "john"};
  for (int i = 0; i < 3; ++i) {
    Actor jane{stage, "jane"};
    EXPECT_FALSE(jane.inbox.closed) << "the one before has gone, though nobody had let her in";
    for (int k = 0; k < 2; ++k) EXPECT_EQ((Actor{stage, "bob"}.inbox.closed), CloseCode::overloaded);
  }
  answer();
  const auto jane = come("jane");
  EXPECT_FALSE(jane->inbox.closed);
  EXPECT_EQ(come("bob")->inbox.closed, CloseCode::overloaded);
  EXPECT_EQ(stage.world.crowds->about("general"), 2U);
  jane->leave();
  EXPECT_FALSE(come("bob")->inbox.closed);
}

TEST(MembersWhoAreGreeted, count_while_they_take_what_brings_them_up_to_date) {
  store::MemoryStore store{{}, 10};
  Stage stage{store, 1, configured({{"HUBBUB_ROOMS__MEMBERS", "2"}, {"HUBBUB_PLUGINS__GREETER", R"({"messages":200,"size":1000})"}})};
  Actor jane{stage, "jane"};
  stage.run();
  std::optional<Actor> slow{std::in_place, stage, "slow", 0, std::nullopt, "general", std::nullopt, false};
  stage.run();
  EXPECT_LT(slow->count("greeted"), 200U);
  EXPECT_EQ((Actor{stage, "bob"}.inbox.closed), CloseCode::overloaded);
  slow.reset();
  EXPECT_FALSE((Actor{stage, "bob"}.inbox.closed));
}

}  // namespace
}  // namespace hubbub::rooms

// What is said in a room, and what is known of it outside.
#include <gtest/gtest.h>

#include <string>

#include "core/rooms/stage.hpp"
#include "store/memory.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;

struct Talk : ::testing::Test {
  store::MemoryStore store{{}, 10};
};

TEST_F(Talk, lets_a_newer_message_take_the_place_only_of_one_of_the_same_sender_and_type) {
  Stage stage{store, 1, configured({{"HUBBUB_PLUGINS__CURSOR_MOVE", "{}"}, {"HUBBUB_PLUGINS__CHAT", "{}"}})};
  Actor john{stage, "john"}, jane{stage, "jane"};
  const auto place_of = [&](Actor& actor, const char* type, const Json& content) {
    stage.advance(1s);
    actor.send(type, content);
    return john.inbox.deliveries.back().newest_of;
  };
  const Json pointer = {{"x", 1}, {"y", 1}}, selection = {{"from", 1}, {"to", 1}};
  const auto first = place_of(john, "cursor_move", pointer);
  EXPECT_NE(first, 0U);
  EXPECT_EQ(place_of(john, "cursor_move", pointer), first);
  EXPECT_NE(place_of(john, "selection_update", selection), first);
  EXPECT_NE(place_of(jane, "cursor_move", pointer), first);
  EXPECT_NE(place_of(john, "typing", true), 0U);
  john.send("note", "must come");
  EXPECT_FALSE(john.inbox.deliveries.back().droppable);
}

TEST_F(Talk, answers_however_much_it_has_answered_before) {
  Stage stage{store, 1, configured({{"HUBBUB_WEBSOCKET__RATE", R"({"burst_size":"1GiB"})"}})};
  Actor john{stage, "john"};
  john.send("note", std::string(1 << 20, 'x'));
  for (int i = 0; i < 70; ++i) {  // 64 MiB is what may wait
    john.send("ask", nullptr);
    ASSERT_EQ(john.take("answer").size(), i == 0 ? 2U : 1U) << i;
  }
}

TEST_F(Talk, wakes_its_plugins_no_sooner_than_in_a_while_whatever_they_ask_for) {
  Stage stage{store, 1};
  Actor john{stage, "john"};
  for (int i = 0; i < 3; ++i) {
    john.send("wake", 0);
    stage.advance(9ms);
    EXPECT_EQ(john.take("note").size(), 0U);
    stage.advance(1ms);
    EXPECT_EQ(john.take("note").size(), 1U);
  }
}

TEST_F(Talk, counts_who_is_in_it_and_what_was_said) {
  Stage stage{store, 1};
  const auto figures = [&] { return stage.world.server_figures(stage.registry->plugins()); };
  Actor john{stage, "john"}, jane{stage, "jane"}, bob{stage, "bob", 0, {}, "another"};
  EXPECT_EQ(figures().connections, 3U);
  EXPECT_EQ(figures().rooms, 2U);
  john.send("note", 1);
  bob.send("note", 1);
  bob.send("note", "refuse");
  EXPECT_EQ(figures().messages, 2U);
  jane.leave();
  bob.leave();
  EXPECT_EQ(figures().connections, 1U);
}

}  // namespace
}  // namespace hubbub::rooms

#include <gtest/gtest.h>

#include <hubbub/testing.hpp>

#include <algorithm>
#include <string>

#include "plugins/refused.hpp"
#include "plugins/still_room.hpp"

namespace {

using hubbub::testing::expect_refused;
using hubbub::testing::Json;
using hubbub::testing::Refused;
using hubbub::testing::Room;

const std::string chat = HUBBUB_PLUGIN_DIR "/chat.so";

TEST(Chat, a_message_reaches_everyone_with_its_sender_and_seq) {
  Room room{chat};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  john.send("message", "Hello, everyone!", 7);
  const auto seen = jane.next("message");
  EXPECT_EQ(seen["content"], "Hello, everyone!");
  EXPECT_EQ(seen["nickname"], "John");
  EXPECT_EQ(seen["id"], "john");
  EXPECT_EQ(seen["room"], "general");
  EXPECT_EQ(seen["seq"], 1);
  EXPECT_GT(seen["ts"], 0);
  EXPECT_EQ(seen["ref"], 7);
  EXPECT_EQ(john.next("message"), seen);
}

TEST(Chat, typing_is_passed_on_and_not_logged) {
  Room room{chat};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  john.send("typing", true);
  const auto seen = jane.next("typing");
  EXPECT_EQ(seen["content"], true);
  EXPECT_EQ(seen["nickname"], "John");
  EXPECT_FALSE(seen.contains("seq"));
  EXPECT_EQ(room.join("Bob").next("welcome")["content"]["seq"], 0);
}

TEST(Chat, a_newcomer_is_greeted_with_the_last_messages_as_they_were_sent) {
  Room room{chat, {{"history", 2}}};
  auto& john = room.join("John");
  for (const auto* text : {"one", "two", "three"}) john.send("message", text);
  auto& jane = room.join("Jane");
  const auto two = jane.next("message");
  const auto three = jane.next("message");
  EXPECT_EQ(two["content"], "two");
  EXPECT_EQ(two["seq"], 2);
  EXPECT_EQ(two["nickname"], "John");
  EXPECT_EQ(three["content"], "three");
  EXPECT_EQ(three["seq"], 3);
  for (const auto& message : jane.take()) EXPECT_NE(message["type"], "message");
}

TEST(Chat, history_survives_an_empty_room) {
  Room room{chat};
  room.join("John").send("message", "still here?");
  room.reopen();
  auto& jane = room.join("Jane");
  EXPECT_EQ(jane.next("message")["content"], "still here?");
  jane.send("message", "yes");
  EXPECT_EQ(jane.next("message")["seq"], 2);
}

TEST(Chat, the_length_of_messages_does_not_change_how_many_a_newcomer_gets) {
  Room room{chat, {{"history", 3}, {"max_length", 65536}}};
  auto& john = room.join("John");
  for (int i = 0; i < 5; ++i) {
    john.send("message", std::string(65'536 / 2, static_cast<char>('a' + i)));
    auto& jane = room.join("Jane");
    std::string seen;
    for (const auto& message : jane.take()) {
      if (message["type"] == "message") seen += message["content"].get<std::string>().front();
    }
    EXPECT_EQ(seen, std::string{"abcde"}.substr(static_cast<std::size_t>(std::max(0, i - 2)), static_cast<std::size_t>(std::min(i + 1, 3))));
  }
}

TEST(Chat, a_shorter_history_has_the_last_of_the_kept_messages) {
  const auto one = hubbub::testing::load_plugin(HUBBUB_PLUGIN_DIR, "chat", {{"history", 2}});
  hubbub::replay::StillRoom room;
  hubbub::rooms::Fold fold{one, room};
  const Json kept = {{{"seq", 1}, {"ts", 1}, {"id", "j"}, {"nickname", "J"}, {"type", "message"}, {"content", "one"}},
                     {{"seq", 2}, {"ts", 1}, {"id", "j"}, {"nickname", "J"}, {"type", "message"}, {"content", "two"}},
                     {{"seq", 3}, {"ts", 1}, {"id", "j"}, {"nickname", "J"}, {"type", "message"}, {"content", "three"}}};
  ASSERT_TRUE(fold.restore(hubbub::store::Snapshot{3, Json{{"chat", kept}}.dump()}, {}));
  const auto greeting = fold.greeting(0, {"jane", "Jane"});
  ASSERT_EQ(greeting.parts.at(0)->size(), 2U);
  EXPECT_EQ(Json::parse(greeting.parts.at(0)->front().payload())["content"], "two");
}

TEST(Chat, history_can_be_switched_off) {
  Room room{chat, {{"history", 0}}};
  room.join("John").send("message", "gone");
  for (const auto& message : room.join("Jane").take()) EXPECT_NE(message["type"], "message");
}

class ChatRefuses : public testing::TestWithParam<Refused> {};

TEST_P(ChatRefuses, and_sends_the_reason_only_to_the_sender) {
  Room room{chat, {{"max_length", 5}}};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  expect_refused(john, jane, GetParam());
}

INSTANTIATE_TEST_SUITE_P(Message, ChatRefuses,
                         testing::Values(Refused{"empty", "message", "", "content: must not be empty"},
                                         Refused{"too_long", "message", "123456", "content: must be at most 5 characters long"},
                                         Refused{"number", "message", 5, "content: must be a string"},
                                         Refused{"nothing", "message", nullptr, "content: must be a string"},
                                         Refused{"nul", "message", std::string("a\0b", 3),
                                                 "content: must not hold the character U+0000"}),
                         [](const auto& refused) { return refused.param.what; });

TEST(Chat, length_is_counted_in_characters_not_bytes) {
  Room room{chat, {{"max_length", 3}}};
  auto& john = room.join("John");
  john.send("message", "äö🙂");
  EXPECT_EQ(john.next("message")["content"], "äö🙂");
}

TEST(Chat, typing_must_be_a_boolean) {
  Room room{chat};
  auto& john = room.join("John");
  john.send("typing", "yes");
  EXPECT_EQ(john.next("error")["content"], "content: must be a boolean");
}

TEST(Chat, refuses_options_it_does_not_know_or_that_are_out_of_range) {
  EXPECT_THROW(Room(chat, {{"histroy", 5}}), std::runtime_error);
  EXPECT_THROW(Room(chat, {{"history", 5000}}), std::runtime_error);
}

}  // namespace

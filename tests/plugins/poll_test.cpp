#include <gtest/gtest.h>

#include <hubbub/testing.hpp>

namespace {

using namespace std::chrono_literals;
using hubbub::testing::Client;
using hubbub::testing::Json;
using hubbub::testing::Room;

const std::string poll = HUBBUB_PLUGIN_DIR "/poll.so";

class Poll : public testing::Test {
 protected:
  void ask(int seconds = 60) {
    john.send("poll", {{"question", "Tea or coffee?"}, {"choices", {"Tea", "Coffee"}}, {"seconds", seconds}});
  }
  static void vote(Client& who, int choice) { who.send("poll_vote", {{"choice", choice}}); }
  static Json closed(const std::vector<int>& votes) { return {{"question", "Tea or coffee?"}, {"votes", votes}}; }

  Room room{poll};
  Client& john = room.join("John");
  Client& jane = room.join("Jane");
};

TEST_F(Poll, announces_its_end_and_ends_then_for_everybody) {
  ask(30);
  const auto asked = jane.next("poll");
  EXPECT_EQ(asked["content"]["ends"], asked["ts"].get<std::int64_t>() + 30'000);
  EXPECT_FALSE(asked["content"].contains("seconds"));
  vote(john, 0);
  vote(jane, 1);
  room.advance(29'999ms);
  EXPECT_TRUE(jane.take("poll_closed").empty());
  room.advance(1ms);
  EXPECT_EQ(jane.next("poll_closed")["content"], closed({1, 1}));
  vote(jane, 0);
  EXPECT_EQ(jane.next("error")["content"], "there is no poll now; open one");
}

TEST_F(Poll, ends_after_a_minute_by_default) {
  john.send("poll", {{"question", "Tea or coffee?"}, {"choices", {"Tea", "Coffee"}}});
  const auto asked = jane.next("poll");
  EXPECT_EQ(asked["content"]["ends"], asked["ts"].get<std::int64_t>() + 60'000);
  room.advance(59'999ms);
  EXPECT_TRUE(jane.take("poll_closed").empty());
  room.advance(1ms);
  EXPECT_EQ(jane.take("poll_closed").size(), 1U);
}

TEST_F(Poll, survives_a_kill_of_the_server_with_its_votes) {
  ask(60);
  vote(jane, 1);
  room.kill();
  auto& bob = room.join("Bob");
  EXPECT_EQ(bob.next("poll_vote")["nickname"], "Jane");
  room.advance(60s);
  EXPECT_EQ(bob.next("poll_closed")["content"], closed({0, 1}));
}

TEST_F(Poll, begins_without_the_votes_of_the_one_before) {
  ask();
  vote(jane, 1);
  john.send("poll_close");
  ask();
  john.send("poll_close");
  jane.next("poll_closed");
  EXPECT_EQ(jane.next("poll_closed")["content"], closed({0, 0}));
}

TEST_F(Poll, counts_the_newest_vote_of_each_member) {
  ask();
  for (const int choice : {0, 0, 1}) vote(jane, choice);
  vote(john, 0);
  john.send("poll_close");
  EXPECT_EQ(jane.next("poll_closed")["content"], closed({1, 1}));
}

TEST_F(Poll, tells_only_the_asker_how_many_have_voted) {
  ask();
  auto& again = room.join("John");
  vote(jane, 1);
  vote(jane, 0);
  for (auto* window : {&john, &again}) {
    for (int i = 0; i < 2; ++i) EXPECT_EQ(window->next("poll_turnout")["content"], Json({{"voted", 1}, {"here", 3}}));
  }
  again.leave();
  vote(john, 0);
  EXPECT_EQ(john.next("poll_turnout")["content"], Json({{"voted", 2}, {"here", 2}}));
  EXPECT_TRUE(jane.take("poll_turnout").empty());
}

TEST_F(Poll, only_the_asker_can_close_it_early) {
  ask();
  jane.send("poll_close");
  EXPECT_EQ(jane.next("error")["content"], "only John, who asked, can close this poll");
  john.send("poll_close");
  EXPECT_EQ(jane.next("poll_closed")["nickname"], "John");
  room.advance(60s);
  EXPECT_TRUE(jane.take("poll_closed").empty());
}

TEST_F(Poll, a_closed_one_does_not_end_the_next) {
  ask(30);
  john.send("poll_close");
  ask(60);
  jane.take();
  room.advance(59s);
  EXPECT_TRUE(jane.take("poll_closed").empty());
  room.advance(1s);
  EXPECT_EQ(jane.take("poll_closed").size(), 1U);
}

TEST_F(Poll, survives_a_restart_with_its_votes_and_its_deadline) {
  ask(60);
  vote(jane, 1);
  const auto state = room.snapshot();
  room.advance(30s);
  room.reopen();
  auto& bob = room.join("Bob");
  EXPECT_EQ(bob.next("poll")["content"]["question"], "Tea or coffee?");
  EXPECT_EQ(bob.next("poll_vote")["nickname"], "Jane");
  EXPECT_EQ(room.snapshot(), state);
  room.advance(30s);
  EXPECT_EQ(bob.next("poll_closed")["content"], closed({0, 1}));
  EXPECT_EQ(room.snapshot(), nullptr);
}

TEST_F(Poll, is_closed_when_somebody_joins_if_it_ended_in_a_closed_room) {
  ask(45);
  room.restore(room.snapshot());
  room.advance(50s);
  auto& bob = room.join("Bob");
  room.advance(1s);
  EXPECT_EQ(bob.next("poll_closed")["content"], closed({0, 0}));
}

TEST_F(Poll, there_is_one_at_a_time) {
  ask();
  ask();
  EXPECT_EQ(john.next("error")["content"], "a poll is open already; wait until it is closed");
}

TEST_F(Poll, accepts_only_its_own_messages) {
  const Json question = {{"question", "Tea or coffee?"}, {"choices", {"Tea", "Coffee"}}};
  auto more = question, wrong = question;
  more["ends"] = 5;
  wrong["choices"][1] = 7;
  for (const Json& content : {Json(), Json("Tea?"), more, wrong, Json{{"question", "Tea?"}}, Json{{"choices", {"Tea", "Coffee"}}}}) {
    john.send("poll", content);
    EXPECT_EQ(john.next("error")["code"], "invalid") << content;
  }
  ask();
  for (const Json& content : {Json(0), Json{{"choice", 0}, {"more", 1}}, Json{{"choice", 0.5}}, Json{{"choice", "0"}}, Json::object()}) {
    john.send("poll_vote", content);
    EXPECT_EQ(john.next("error")["code"], "invalid") << content;
  }
  john.send("poll_close", {{"now", true}});
  EXPECT_EQ(john.next("error")["code"], "invalid");
  EXPECT_TRUE(jane.take("poll_closed").empty());
}

TEST_F(Poll, a_vote_must_be_for_one_of_the_choices) {
  ask();
  vote(jane, 2);
  EXPECT_EQ(jane.next("error")["content"], "content.choice: must be less than 2");
  vote(jane, -1);
  EXPECT_EQ(jane.next("error")["content"], "content.choice: must be at least 0");
  jane.send("poll_closed", closed({0, 9}));
  EXPECT_EQ(jane.next("error")["code"], "forbidden");
}

}  // namespace

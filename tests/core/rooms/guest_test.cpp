// Somebody without a connection says something in a room, and learns what became of it.
#include "rooms/guest.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/rooms/slow_room.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;

// A guest on the second shard; the room's home is the first.
class Guests : public SlowRoom {
 protected:
  Guests() : SlowRoom{{{"HUBBUB_ROOMS__GRACE", "1ms"}, {"HUBBUB_PLUGINS__TALLY", "{}"}}} {
    guest.emplace(stage.world, there, "general", Member{"service", "A service", 0});
  }
  ~Guests() override {
    there.enter([&] { guest.reset(); });
    stage.run();
  }

  // Says something; the outcome comes later, to `outcomes`.
  void say(const std::string& type, const Json& content, const std::string& ref = {}) {
    there.enter([&] {
      guest->say({type, content, ref}, [this](Outcome outcome) {
        EXPECT_TRUE(there.is_current());
        outcomes.push_back(std::move(outcome));
      });
    });
  }
  Outcome outcome() {
    answer();
    if (outcomes.size() != 1) throw std::runtime_error(std::to_string(outcomes.size()) + " outcomes");
    return std::exchange(outcomes, {}).front();
  }
  std::string refused() {
    const auto its = outcome();
    return its.refused ? std::string{to_string(its.refused->code)} + ": " + its.refused->text : "not refused";
  }

  testing::ManualShard& there = stage.shards[1];
  std::optional<Guest> guest;
  std::vector<Outcome> outcomes;
};

TEST_F(Guests, are_heard_by_all_and_told_the_place_of_their_message_once_it_is_committed) {
  const auto john = come("john");
  say("note", "hello");
  stage.run();
  EXPECT_TRUE(outcomes.empty());
  EXPECT_EQ(outcome().seq, 1U);
  const auto notes = john->take("note");
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0]["nickname"], "A service");
  EXPECT_EQ(notes[0]["id"], "service");
  say("word", "apple");
  const auto word = outcome();
  EXPECT_FALSE(word.refused);
  EXPECT_EQ(john->count("word"), 1U);
  EXPECT_EQ(john->take("users_update").back()["content"], Json{"john"}) << "and are no members";
}

TEST_F(Guests, get_the_answer_to_a_question) {
  const auto john = come("john");
  say("ask", nullptr);
  const auto its = outcome();
  ASSERT_TRUE(its.answer);
  EXPECT_EQ(Json::parse(its.answer->payload())["type"], "answer");
  EXPECT_EQ(john->count("answer"), 1U) << "john's greeting alone";
}

TEST_F(Guests, are_refused_as_members_are) {
  const auto john = come("john");
  const std::vector<std::pair<std::string, Json>> wrong = {
      {"nobody's", 1}, {"tally", 1}, {"word", 5}, {"note", "refuse"}, {"note", "throw"}};
  for (const auto& [type, content] : wrong) {
    say(type, content);
    const auto guests = refused();
    john->send(type, content);
    answer();
    const auto errors = john->take("error");
    ASSERT_EQ(errors.size(), 1U) << type;
    EXPECT_EQ(guests, errors[0]["code"].get<std::string>() + ": " + errors[0]["content"].get<std::string>());
  }
}

TEST_F(Guests, are_told_that_they_are_too_fast_and_nothing_of_theirs_is_held_back) {
  const auto john = come("john");
  say("blink", 1);
  EXPECT_FALSE(outcome().refused);
  say("blink", 2);
  const auto its = outcome();
  ASSERT_TRUE(its.refused);
  EXPECT_EQ(its.refused->code, ErrorCode::rate_limited);
  EXPECT_GT(its.refused->retry_after, 0ms);
  stage.advance(1s);
  EXPECT_EQ(john->count("blink"), 1U);
  say("blink", 3);
  EXPECT_FALSE(outcome().refused);
}

TEST_F(Guests, open_a_room_in_which_nobody_is_and_wait_for_that) {
  say("note", "first");
  EXPECT_EQ(outcome().seq, 1U);
  EXPECT_EQ(state(), Json{"first"});
  stage.advance(1s);
  answer();
  EXPECT_EQ(stage.world.open_rooms(), 0U) << "and it closes again";
}

TEST_F(Guests, wait_while_the_room_takes_other_plugins_and_are_judged_by_these) {
  const auto john = come("john");
  john->send("note", "being committed");
  stage.home().enter([&] {
    stage.hub.use(std::make_shared<const plugins::Registry>(configured().plugins));
  });
  say("word", "apple");
  say("note", "kept");
  answer();
  ASSERT_EQ(outcomes.size(), 2U);
  EXPECT_EQ(outcomes[0].refused->code, ErrorCode::unknown_type) << "there is no tally any more";
  EXPECT_EQ(outcomes[1].seq, 2U);
}

TEST_F(Guests, are_told_that_their_message_could_not_be_stored) {
  const auto john = come("john");
  store.fails_to_append = true;
  say("note", "lost");
  say("ask", nullptr);
  answer();
  ASSERT_EQ(outcomes.size(), 2U);
  for (const auto& its : outcomes) EXPECT_EQ(its.refused->code, ErrorCode::unavailable);
  outcomes.clear();
  store.fails_to_open = true;
  say("note", "lost");
  answer();
  stage.advance(1s);
  say("note", "lost while it cannot be opened");
  answer();
  ASSERT_EQ(outcomes.size(), 2U);
  for (const auto& its : outcomes) EXPECT_EQ(its.refused->code, ErrorCode::unavailable);
  EXPECT_EQ(john->count("note"), 0U);
}

TEST_F(Guests, may_say_again_what_they_gave_a_ref_and_it_is_logged_once) {
  const auto john = come("john");
  for (int i = 0; i < 2; ++i) say("note", "once", "7");
  answer();
  say("note", "once", "7");
  answer();
  ASSERT_EQ(outcomes.size(), 3U);
  for (const auto& its : outcomes) EXPECT_EQ(its.seq, 1U);
  outcomes.clear();
  EXPECT_EQ(john->count("note"), 1U);
  say("note", "something else", "7");
  EXPECT_EQ(outcome().refused->code, ErrorCode::invalid);
}

TEST_F(Guests, are_told_that_their_message_was_lost_in_a_fault_of_the_room) {
  say("\xFF", "a type that cannot be written in an answer");
  EXPECT_EQ(outcome().refused->code, ErrorCode::unavailable);
  stage.advance(1s);
  answer();
  say("note", "kept");
  EXPECT_EQ(outcome().seq, 1U);
}

TEST_F(Guests, are_told_nothing_any_more_once_they_have_gone) {
  const auto john = come("john");
  say("note", "heard all the same");
  there.enter([&] { guest.reset(); });
  answer();
  EXPECT_TRUE(outcomes.empty());
  EXPECT_EQ(john->count("note"), 1U);
}

TEST_F(Guests, are_told_that_there_are_too_many_rooms) {
  stage.config.rooms.open = 1;
  const auto john = come("john");
  Actor other{stage, "other", 0, {}, "another room"};
  stage.run();
  there.enter([&] { guest.emplace(stage.world, there, "a third room", Member{"service", "A service", 0}); });
  say("note", "lost");
  EXPECT_TRUE(refused().starts_with("unavailable: too many rooms"));
}

}  // namespace
}  // namespace hubbub::rooms

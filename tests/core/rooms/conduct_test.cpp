// A plugin that misbehaves hurts nobody but those who use its own types: the probe does on demand, beside a plugin that does not.
#include <gtest/gtest.h>
#include "core/log_lines.hpp"
#include "core/rooms/stage.hpp"
#include "protocol/encode.hpp"
#include "store/memory.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;

config::Config configured_with(const Json& probe, const Json& limits) {
  return configured({{"HUBBUB_PLUGINS__PROBE", probe.dump()}, {"HUBBUB_PLUGINS__FORGETFUL", "{}"}, {"HUBBUB_PLUGINS__MAKER", "{}"}, {"HUBBUB_PLUGINS__WITNESS", "{}"},
                     {"HUBBUB_PLUGINS__LIMITS", limits.dump()}});
}

class Misbehaving : public ::testing::Test {
 protected:
  explicit Misbehaving(const Json& probe = Json::object(), const Json& limits = {{"faults", 3}, {"within", "10s"}, {"off", "30s"}})
      : stage(store, 1, configured_with(probe, limits)) {}

  // Says something and returns the answer.
  static Json ask(Actor& actor, const std::string& type, const Json& content) {
    actor.take("error");
    actor.take(type);
    actor.send(type, content);
    auto answers = actor.take(type);
    if (answers.empty()) answers = actor.take("error");
    return answers.empty() ? Json{} : answers.front();
  }
  static std::string code_of(const Json& answer) { return answer.value("code", "accepted"); }

  void break_it(Actor& actor) {
    for (int i = 0; i < 3; ++i) ASSERT_EQ(code_of(ask(actor, "note", "throw")), "internal");
  }

  store::MemoryStore store{{}, 10};
  Stage stage;
};

// Beside one that makes anything, and minds nobody who comes.
class MisbehavingMaker : public Misbehaving {
 protected:
  MisbehavingMaker() : Misbehaving({{"enabled", false}}) {}
};

TEST_F(Misbehaving, is_switched_off_after_so_many_faults_and_tried_again_after_a_while) {
  Actor john{stage, "john"};
  break_it(john);
  const auto refusal = ask(john, "note", "hello");
  EXPECT_EQ(refusal["code"], "unavailable");
  EXPECT_EQ(refusal["content"], "probe failed too often and is off here for another 30 s; send it again then");
  EXPECT_EQ(refusal["retry_after_ms"], 30'000);
  stage.advance(29'999ms);
  EXPECT_EQ(ask(john, "note", "hello")["retry_after_ms"], 1);
  stage.advance(1ms);
  EXPECT_EQ(ask(john, "note", "hello")["seq"], 1);
  break_it(john);
  EXPECT_EQ(code_of(ask(john, "note", "hello")), "unavailable");
}

TEST_F(Misbehaving, stays_on_as_long_as_its_faults_are_few_or_far_between) {
  Actor john{stage, "john"};
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(code_of(ask(john, "note", "throw")), "internal");
    stage.advance(5001ms);
  }
  EXPECT_EQ(code_of(ask(john, "note", "hello")), "accepted");
}

TEST_F(Misbehaving, is_not_taken_for_who_is_sent_what_it_does_not_expect) {
  Actor john{stage, "john"};
  for (int i = 0; i < 10; ++i) ASSERT_EQ(code_of(ask(john, "sum", "no")), "invalid");
  for (int i = 0; i < 10; ++i) ASSERT_EQ(code_of(ask(john, "note", "refuse")), "invalid");
  EXPECT_EQ(code_of(ask(john, "note", "hello")), "accepted");
}

// They are there each time the log is read, and nobody here is to blame.
TEST_F(Misbehaving, is_not_taken_for_messages_in_the_log_that_it_cannot_apply) {
  for (std::uint64_t seq = 1; seq <= 5; ++seq) {
    const auto frame = encode({R"("note")", "throw in apply", R"("general")", system_sender, seq, 0, {}}, Delivery::must());
    store.log("general", {})->append({seq, 0, "probe", "1", {}, frame}, [](store::Append result) { ASSERT_EQ(result, store::Append::committed); });
  }
  Actor john{stage, "john"};
  EXPECT_EQ(ask(john, "note", "hello")["seq"], 6);
}

TEST_F(Misbehaving, makes_no_difference_to_other_types_and_their_place_in_the_log) {
  Actor john{stage, "john"}, jane{stage, "jane"};
  std::uint64_t seq = 0;
  for (const auto* what : {"throw", "throw in apply", "undeclared", "hello"}) {
    EXPECT_NE(code_of(ask(john, "note", what)), "accepted");
    EXPECT_EQ(ask(jane, "forgotten", what)["seq"], ++seq);
  }
  EXPECT_EQ(john.count("forgotten"), seq);
}

TEST_F(Misbehaving, is_off_in_that_room_alone) {
  Actor john{stage, "john"};
  Actor jane{stage, "jane", 0, {}, "elsewhere"};
  break_it(john);
  EXPECT_EQ(code_of(ask(john, "note", "hello")), "unavailable");
  EXPECT_EQ(code_of(ask(jane, "note", "hello")), "accepted");
}

TEST_F(Misbehaving, shows_newcomers_its_state_while_it_is_off_and_has_it_afterwards) {
  Actor john{stage, "john"};
  ask(john, "note", "kept");
  break_it(john);
  Actor jane{stage, "jane"};
  EXPECT_EQ(jane.take("answer").front()["content"], Json{"kept"});
  stage.advance(30s);
  ask(jane, "note", "more");
  Actor bob{stage, "bob"};
  EXPECT_EQ(bob.take("answer").front()["content"], (Json{"kept", "more"}));
}

// Nothing has changed the new object: what it has is what the one before it had.
TEST_F(Misbehaving, has_its_state_after_a_restart_too_whatever_was_said_since_it_was_tried_again) {
  for (const bool of_another : {false, true}) {
    const std::string room = of_another ? "another" : "nothing";
    {
      Actor john{stage, "john", 0, {}, room};
      ask(john, "note", "kept");
      break_it(john);
      stage.advance(30s);
      if (of_another) ask(john, "forgotten", 1);
      stage.home().enter([&] { stage.hub.close(); });
    }
    store.log(room, {})->hand_over();  // the first stage does not use it any more
    Stage next{store, 1, configured_with(Json::object(), {{"faults", 3}})};
    Actor jane{next, "jane", 0, {}, room};
    EXPECT_EQ(jane.take("answer").at(0)["content"], Json{"kept"}) << room;
  }
}

TEST_F(MisbehavingMaker, has_no_place_in_a_snapshot_after_it_was_tried_again_if_it_had_none_before) {
  Actor john{stage, "john"};
  for (int i = 0; i < 3; ++i) ASSERT_EQ(code_of(ask(john, "make", {{"in", "fault"}, {"what", "on purpose"}})), "internal");
  ASSERT_EQ(code_of(ask(john, "make", 1)), "unavailable");
  stage.advance(30s);
  ask(john, "forgotten", 1);
  stage.home().enter([&] {
    stage.hub.close();
    store.log("general", {})->open([](const auto& opening) {
      EXPECT_EQ(opening->snapshot->state, R"({"forgetful":2,"witness":"state"})");
    });
  });
}

TEST_F(Misbehaving, does_not_keep_what_was_logged_before_from_being_acknowledged_again) {
  Actor john{stage, "john"};
  john.send("note", "kept", "r1");
  break_it(john);
  john.take("note");
  john.send("note", "kept", "r1");
  const auto again = john.take("note");
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again.front()["seq"], 1);
}

TEST_F(Misbehaving, stays_off_where_it_cannot_even_tell_its_state) {
  Actor john{stage, "john"};
  ask(john, "note", "throw in snapshot");
  break_it(john);
  stage.advance(30s);
  EXPECT_EQ(ask(john, "note", "hello")["retry_after_ms"], 30'000);
  EXPECT_EQ(ask(john, "forgotten", 1)["seq"], 2);
}

TEST_F(Misbehaving, is_off_for_no_longer_because_it_fails_meanwhile) {
  Actor john{stage, "john"};
  break_it(john);
  stage.advance(20s);
  for (int i = 0; i < 5; ++i) {
    Actor newcomer{stage, "throw"};  // whom it fails to greet
    EXPECT_EQ(newcomer.count("welcome"), 1U);
  }
  EXPECT_EQ(ask(john, "note", "hello")["retry_after_ms"], 10'000);
  stage.advance(10s);
  EXPECT_EQ(code_of(ask(john, "note", "hello")), "accepted");
}

TEST_F(Misbehaving, is_on_at_once_if_other_plugins_come) {
  Actor john{stage, "john"};
  break_it(john);
  const auto others = std::make_shared<const plugins::Registry>(configured_with(Json::object(), {{"faults", 3}}).plugins);
  stage.home().enter([&] { stage.hub.use(others); });
  EXPECT_EQ(code_of(ask(john, "note", "hello")), "accepted");
}

class MisbehavingInAnHour : public Misbehaving {
 protected:
  MisbehavingInAnHour() : Misbehaving(Json::object(), {{"faults", 3}, {"within", "1h"}, {"off", "30s"}}) {}
};

TEST_F(MisbehavingInAnHour, is_off_at_the_last_fault_that_is_within_the_time) {
  Actor john{stage, "john"};
  for (const auto wait : {0min, 30min, 30min}) {
    stage.advance(wait);
    ASSERT_EQ(code_of(ask(john, "note", "throw")), "internal");
  }
  EXPECT_EQ(code_of(ask(john, "note", "hello")), "unavailable");
}

TEST_F(MisbehavingInAnHour, begins_with_a_clean_record_when_it_is_tried_again) {
  Actor john{stage, "john"};
  break_it(john);
  stage.advance(30s);
  for (int i = 0; i < 2; ++i) ASSERT_EQ(code_of(ask(john, "note", "throw")), "internal");
  EXPECT_EQ(code_of(ask(john, "note", "hello")), "accepted");
  ASSERT_EQ(code_of(ask(john, "note", "throw")), "internal");
  EXPECT_EQ(code_of(ask(john, "note", "hello")), "unavailable");
}

class MisbehavingAndWatchful : public Misbehaving {
 protected:
  MisbehavingAndWatchful() : Misbehaving({{"announces", true}}) {}
};

TEST_F(MisbehavingAndWatchful, learns_who_is_there_when_it_is_tried_again_and_hears_of_nobody_before) {
  Actor john{stage, "john"};
  break_it(john);
  Actor jane{stage, "jane"};
  EXPECT_EQ(jane.take("answer").size(), 1U) << "a greeting, and no hello";
  Actor bob{stage, "bob"};
  bob.leave();
  EXPECT_EQ(john.count("gone"), 0U);
  stage.advance(30s);
  EXPECT_EQ(jane.take("answer").back()["content"], "hello jane");
  jane.leave();
  EXPECT_EQ(john.take("gone").back()["content"], "jane");
}

TEST_F(MisbehavingAndWatchful, is_not_woken_while_it_is_off_nor_afterwards_unless_it_asks_anew) {
  Actor john{stage, "john"};
  Actor jane{stage, "jane", 0, {}, "elsewhere"};
  john.send("wake", 10'000);
  jane.send("wake", 40'000);
  break_it(john);
  break_it(jane);
  stage.advance(50s);
  EXPECT_EQ(john.count("note"), 0U);
  EXPECT_EQ(jane.count("note"), 0U);
  john.send("wake", 10'000);
  stage.advance(10s);
  EXPECT_EQ(john.count("note"), 1U);
}

TEST_F(MisbehavingAndWatchful, leaves_the_timers_of_others_alone) {
  Actor john{stage, "john"};
  john.send("mark", {{"again", 20'000}});
  break_it(john);
  stage.advance(29'999ms);
  EXPECT_EQ(john.count("told"), 1U);
  stage.advance(1ms);
  EXPECT_EQ(code_of(ask(john, "note", "hello")), "accepted") << "it is tried again";
  stage.advance(30s);
  EXPECT_EQ(john.count("told"), 3U);
}

class MisbehavingAndOpening : public Misbehaving {
 protected:
  MisbehavingAndOpening() : Misbehaving({{"opens_with", "opened"}}) {}
};

TEST_F(MisbehavingAndOpening, is_opened_anew_when_it_is_tried_again) {
  Actor john{stage, "john"};
  EXPECT_EQ(john.count("note"), 0U) << "it was before john came";
  break_it(john);
  stage.advance(29'999ms);
  EXPECT_EQ(john.count("note"), 0U);
  stage.advance(1ms);
  EXPECT_EQ(john.take("note").at(0)["content"], "opened");
}

class MisbehavingAtOnce : public Misbehaving {
 protected:
  MisbehavingAtOnce() : Misbehaving({{"opens_with", "throw in apply"}}) {}
};

// Each fault has the room read its log again, and the plugin open it again.
TEST_F(MisbehavingAtOnce, keeps_nobody_out_of_the_room) {
  Actor john{stage, "john"};
  EXPECT_EQ(code_of(ask(john, "note", "hello")), "unavailable");
  EXPECT_EQ(ask(john, "forgotten", 1)["seq"], 1);
}

TEST_F(Misbehaving, is_told_of_in_the_log_when_it_goes_off_and_when_it_is_tried_again) {
  LogLines log;
  Actor john{stage, "john"};
  break_it(john);
  EXPECT_EQ(log.take("off"), (std::vector<std::string>{"room=general plugin=probe is switched off here for 30s: 3 calls failed within 10s"}));
  for (int i = 0; i < 3; ++i) ask(john, "note", "throw");
  EXPECT_EQ(log.take("plugin=probe"), std::vector<std::string>{}) << "it is not asked";
  stage.advance(30s);
  EXPECT_EQ(log.take("plugin=probe"), (std::vector<std::string>{"room=general plugin=probe is tried again"}));
}

class TooSlow : public Misbehaving {
 protected:
  TooSlow() : Misbehaving(Json::object(), {{"budget", "1ms"}}) {}
};

TEST_F(TooSlow, is_told_of_in_the_log_once_a_minute_whatever_the_room) {
  LogLines log;
  Actor john{stage, "john"};
  Actor jane{stage, "jane", 0, {}, "elsewhere"};
  EXPECT_EQ(code_of(ask(john, "note", "take 5 ms")), "accepted");
  const auto lines = log.take("budget");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_TRUE(lines.front().starts_with("room=general plugin=probe on_message took ")) << lines.front();
  ask(john, "note", "take 5 ms");
  ask(jane, "note", "take 5 ms");
  EXPECT_EQ(log.take("budget").size(), 0U);
  stage.advance(1min);
  ask(jane, "note", "take 5 ms");
  const auto next = log.take("budget");
  ASSERT_EQ(next.size(), 1U);
  EXPECT_TRUE(next.front().starts_with("room=elsewhere plugin=probe on_message took ")) << next.front();
  EXPECT_TRUE(next.front().ends_with("; plugins.limits.budget is 1ms, and slower calls so far: 4")) << next.front();
}

}  // namespace
}  // namespace hubbub::rooms

// Whatever a plugin makes, and wherever: what JSON cannot hold is the plugin's fault and nobody else's, nothing of it is
// half done, and what the log holds is what the plugin has seen.
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <random>

#include "core/log_lines.hpp"
#include "core/rooms/slow_store.hpp"
#include "core/rooms/stage.hpp"
#include "plugins/random_json.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> impossible = {"!nan", "!infinite", "!binary", "!discarded", "!cut", "!deep"};
const std::vector<std::string> delicate = {"!signed", "!zero", "!minus zero", "!whole", "!huge", "!tiny", "!third", "!largest"};

config::Environment with_maker(config::Environment environment) {
  environment.insert({{"HUBBUB_PLUGINS__MAKER", "{}"}, {"HUBBUB_PLUGINS__FORGETFUL", "{}"}, {"HUBBUB_ROOMS__GRACE", "1ms"}});
  return environment;
}

class Made : public ::testing::Test {
 protected:
  explicit Made(config::Environment environment = {}) : config(configured(with_maker(std::move(environment)))) {}

  // What becomes of a message: the one answer to it.
  static Json say(Actor& actor, const std::string& type, const Json& content) {
    actor.inbox.messages.clear();
    const auto ref = "r" + std::to_string(++refs);
    actor.send(type, content, ref);
    std::vector<Json> answers;
    for (const auto& message : actor.inbox.messages) {
      if (message.value("ref", Json{}) == ref) answers.push_back(message);
    }
    EXPECT_EQ(answers.size(), 1U) << type << " " << content;
    return answers.empty() ? Json{} : answers.front();
  }
  static Json make(Actor& actor, const std::string& where, const Json& what) {
    return say(actor, "make", {{"in", where}, {"what", what}});
  }
  static std::string code_of(const Json& answer) { return answer.value("code", "accepted"); }

  inline static int refs = 0;
  config::Config config;
  store::MemoryStore store{{}, 10};
};

TEST_F(Made, is_refused_as_the_plugins_fault_wherever_json_cannot_hold_it) {
  Stage stage{store, 1, config};
  Actor john{stage, "john"};
  std::uint64_t seq = 0;
  for (const auto& what : impossible) {
    for (const Json& recipe : {Json(what), Json{{"a", {1, what}}}}) {
      for (const char* where : {"message", "answer", "passing"}) {
        EXPECT_EQ(code_of(make(john, where, recipe)), "internal") << where << recipe;
        EXPECT_EQ(say(john, "forgotten", 1)["seq"], ++seq) << where << recipe;
        stage.advance(10s);  // a fault now and then
      }
    }
  }
  EXPECT_EQ(code_of(make(john, "answer's type", "!cut")), "internal");
  EXPECT_EQ(code_of(make(john, "message", {{"!cut", 1}})), "internal");
  EXPECT_EQ(code_of(make(john, "verdict", 1)), "internal");
}

TEST_F(Made, is_answered_even_if_the_words_of_a_refusal_are_no_text) {
  Stage stage{store, 1, config};
  Actor john{stage, "john"};
  const auto refusal = make(john, "reason", "!cut");
  EXPECT_EQ(code_of(refusal), "invalid");
  EXPECT_EQ(refusal["content"], "caf\uFFFD");
  EXPECT_EQ(code_of(make(john, "fault", "!cut")), "internal");
  EXPECT_EQ(code_of(make(john, "unfit", "!cut")), "invalid");
}

TEST_F(Made, counts_as_a_fault_of_the_plugin_whatever_it_was_for) {
  for (const char* where : {"message", "answer", "passing", "sent", "sent undeclared", "posted", "posted in passing"}) {
    Stage stage{store, 1, configured(with_maker({{"HUBBUB_PLUGINS__LIMITS__FAULTS", "3"}}))};
    Actor john{stage, "john"};
    for (int i = 0; i < 3; ++i) make(john, where, "!nan");
    EXPECT_EQ(code_of(make(john, "nowhere", 1)), "unavailable") << where;
    EXPECT_EQ(code_of(say(john, "forgotten", 1)), "accepted") << where;
  }
}

TEST_F(Made, does_not_spoil_the_greetings_of_others) {
  Stage stage{store, 1, configured(with_maker({{"HUBBUB_STORE__SNAPSHOT_EVERY", "1000"}}))};
  Actor john{stage, "john"};
  make(john, "greeting", {1, "!nan"});
  Actor jane{stage, "jane"};
  EXPECT_EQ(jane.take("welcome").size(), 1U);
  EXPECT_EQ(jane.take("answer").size(), 1U) << "the probe's";
  EXPECT_EQ(jane.take("made").size(), 0U);
}

struct MadeWithSnapshots : Made {
  MadeWithSnapshots() : Made{{{"HUBBUB_STORE__SNAPSHOT_EVERY", "2"}}} {}
};

TEST_F(MadeWithSnapshots, does_not_keep_a_room_from_going_on_when_its_state_cannot_be_told) {
  {
    Stage stage{store, 1, config};
    Actor john{stage, "john"};
    for (const auto& what : impossible) {
      EXPECT_EQ(code_of(make(john, "state", {"kept", what})), "accepted");
      for (int i = 0; i < 20; ++i) EXPECT_EQ(code_of(say(john, "forgotten", 1)), "accepted");
      Actor jane{stage, "jane"};
      EXPECT_EQ(jane.take("welcome").at(0)["content"]["seq"], say(john, "forgotten", 1)["seq"].get<int>() - 1);
      stage.advance(1min);
    }
    make(john, "state", "fine");
    for (int i = 0; i < 300; ++i) EXPECT_EQ(code_of(say(john, "forgotten", 1)), "accepted");
  }
  std::optional<store::Opening> opening;
  store.log("general", {})->open([&](auto found) { opening = found; });
  ASSERT_TRUE(opening->snapshot) << "it is kept as soon as it can be";
  EXPECT_EQ(Json::parse(opening->snapshot->state)["maker"]["state"], "fine");
}

TEST_F(MadeWithSnapshots, is_asked_for_its_state_ever_more_rarely_while_it_cannot_tell_it) {
  Stage stage{store, 1, configured(with_maker({{"HUBBUB_STORE__SNAPSHOT_EVERY", "1"}, {"HUBBUB_PLUGINS__LIMITS__FAULTS", "8"}}))};
  Actor john{stage, "john"};
  make(john, "state", "!nan");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(code_of(make(john, "nowhere", 1)), "accepted") << i;
}

// The messages with which the maker's state was asked for in vain, and those with which it was kept.
using Asked = std::pair<std::vector<int>, std::vector<std::uint64_t>>;

struct MadeAndAsked : Made {
  MadeAndAsked() : Made{{{"HUBBUB_STORE__SNAPSHOT_EVERY", "2"}, {"HUBBUB_PLUGINS__LIMITS__FAULTS", "1000"}, {"HUBBUB_WEBSOCKET__RATE__BURST", "1000000"}}} {}

  Asked say_until(Actor& john, int last) {
    Asked asked;
    while (said < last) {
      say(john, "make", {{"in", "nowhere"}, {"what", 1}});
      note(john, asked);
    }
    return asked;
  }
  void note(Actor& john, Asked& asked) {
    ++said;
    if (!log.take("snapshot failed").empty()) asked.first.push_back(said);
    john.enter([&] {
      store.log("general", {})->open([&](const auto& opening) {
        if (opening->snapshot && std::exchange(covered, opening->snapshot->seq) != opening->snapshot->seq) asked.second.push_back(covered);
      });
    });
  }

  LogLines log;
  int said = 0;
  std::uint64_t covered = 0;
};

TEST_F(MadeAndAsked, is_asked_for_its_state_after_twice_as_many_messages_each_time_it_cannot_tell_it_and_as_usual_again_once_it_can) {
  Stage stage{store, 1, config};
  Actor john{stage, "john"};
  EXPECT_EQ(say_until(john, 5), (Asked{{}, {2, 4}}));
  Asked before;
  make(john, "state", "!nan");
  note(john, before);
  EXPECT_EQ(before, (Asked{{6}, {}}));
  EXPECT_EQ(say_until(john, 600), (Asked{{10, 18, 34, 66, 130, 258, 386, 514}, {}})) << "up to 64 times as many as usual";
  make(john, "state", "fine");
  note(john, before);
  EXPECT_EQ(say_until(john, 650), (Asked{{}, {642, 644, 646, 648, 650}}));
}

TEST_F(MadeAndAsked, is_asked_for_its_state_early_if_much_was_said) {
  Stage stage{store, 1, configured(with_maker({{"HUBBUB_PLUGINS__LIMITS__STATE", "64KiB"}}))};
  Actor john{stage, "john"};
  Asked asked;
  for (int i = 0; i < 8; ++i) {  // three of them are more than a quarter of what it may keep
    make(john, "forget", std::string(6000, 'x'));
    note(john, asked);
  }
  EXPECT_EQ(asked, (Asked{{}, {3, 6}}));
  Actor jane{stage, "jane"};
  EXPECT_EQ(say(jane, "seen", nullptr)["content"], Json::array());
}

TEST_F(MadeWithSnapshots, is_the_same_live_and_out_of_the_log_to_the_type_of_each_number) {
  Json seen;
  {
    Stage stage{store, 1, config};
    Actor john{stage, "john"};
    for (const auto& what : delicate) {
      EXPECT_EQ(code_of(make(john, "message", {{"a", {what, 1, -1}}})), "accepted") << what;
      EXPECT_EQ(code_of(make(john, "message", what)), "accepted") << what;
    }
    seen = say(john, "seen", nullptr)["content"];
  }
  store.log("general", {})->put({0, "{}"});  // so that the whole log is applied again
  Stage stage{store, 1, config};
  Actor john{stage, "john"};
  EXPECT_EQ(say(john, "seen", nullptr)["content"], seen);
}

// Messages, answers, greetings and states by chance.
TEST_F(MadeWithSnapshots, leaves_by_chance_too_a_room_that_goes_on_and_a_log_that_holds_what_was_seen) {
  spdlog::set_level(spdlog::level::off);
  for (unsigned seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    testing::RandomJson random{seed};
    const auto room = "room " + std::to_string(seed);
    const auto recipe = [&] {
      auto json = random.any(3);
      if (random.one_in(2)) return json;
      Json word = random.one_in(2) ? impossible[random.below(impossible.size())] : delicate[random.below(delicate.size())];
      if (random.one_in(3)) return word;
      if (json.is_object()) return json[random.one_in(4) ? "!cut" : "x"] = word, json;
      return Json{json, word};
    };
    std::uint64_t seq = 0;
    Json seen;
    for (int life = 0; life < 3; ++life) {
      Stage stage{store, 2, config};
      Actor john{stage, "john", 0, {}, room};
      if (life > 0) {
        EXPECT_EQ(say(john, "seen", nullptr)["content"], seen);
      }
      for (int i = 0; i < 30; ++i) {
        const char* places[] = {"message", "answer", "passing", "sent", "posted", "posted in passing", "state", "greeting", "unfit"};
        const auto answer = make(john, places[random.below(std::size(places))], recipe());
        stage.run();
        std::uint64_t reached = seq;
        for (const auto& message : john.take("make")) {
          EXPECT_EQ(message["seq"], ++reached);
        }
        seq = reached;
        EXPECT_EQ(say(john, "forgotten", 1)["seq"], ++seq);
        if (random.one_in(5)) {
          Actor jane{stage, "jane", 1, {}, room};
          stage.run();
          stage.advance(1min);  // a greeting that takes long may wait for its share of the time
          EXPECT_EQ(jane.take("welcome").at(0)["content"]["seq"], seq);
        }
        stage.advance(10s);
      }
      seen = say(john, "seen", nullptr)["content"];
      if (::testing::Test::HasFailure()) break;
    }
    if (::testing::Test::HasFailure()) break;
  }
  spdlog::set_level(spdlog::level::info);
}

}  // namespace
}  // namespace hubbub::rooms

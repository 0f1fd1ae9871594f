// The plugins change while a room is in any of its states: nobody's message is lost or judged by the wrong plugin.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>

#include "core/rooms/slow_store.hpp"
#include "core/rooms/stage.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;

// With each set of plugins, the probe and its types have other numbers.
std::shared_ptr<const plugins::Registry> probe_and(const std::vector<std::string>& others, const std::string& probe = "{}") {
  config::Environment environment{{"HUBBUB_PLUGINS__PROBE", probe}};
  for (const auto& other : others) environment["HUBBUB_PLUGINS__" + other] = "{}";
  return std::make_shared<const plugins::Registry>(configured(environment).plugins);
}

class Reload : public ::testing::Test {
 protected:
  explicit Reload(const char* probe = "{}")
      : options{probe}, stage{store, 2, configured({{"HUBBUB_ROOMS__GRACE", "1ms"}, {"HUBBUB_PLUGINS__PROBE", probe}})} {}

  std::shared_ptr<const plugins::Registry> registry(const std::vector<std::string>& others) { return probe_and(others, options); }
  void use(std::shared_ptr<const plugins::Registry> registry) {
    stage.home().enter([&] { stage.hub.use(std::move(registry)); });
  }
  void answer(std::size_t calls = 1000) {
    stage.run();
    while (calls-- > 0 && stage.home().enter([this] { return store.answer_one(); })) stage.run();
  }
  void settle() {
    store.fails_to_append = store.fails_to_open = store.fails_to_read = store.fails_to_recall = false;
    for (int i = 0; i < 5; ++i) {
      answer();
      stage.advance(1s);
    }
  }

  const std::string options;  // the probe's
  SlowStore store;
  Stage stage;
};

// Brings a room, in which john is, from being open and quiet to the state in which the plugins are to change.
using Bring = std::function<void(SlowStore&, Stage&, Actor&, const std::function<void(std::size_t)>& answer)>;

const std::map<std::string, Bring> phases = {
    {"open", [](auto&, auto&, auto&, auto&) {}},
    {"committing", [](auto&, auto&, auto& john, auto&) { john.send("note", "committing", "c"); }},
    {"reopening, with more to commit",
     [](auto& store, auto&, auto& john, auto& answer) {
       for (const char* ref : {"c", "d", "e"}) john.send("note", ref, ref);
       store.fails_to_append = true;
       answer(1);
     }},
    {"reading its log again",
     [](auto& store, auto&, auto& john, auto& answer) {
       john.send("note", "lost", "c");
       store.fails_to_append = true;
       answer(1);
     }},
    {"reading the rest of its log",
     [](auto& store, auto&, auto& john, auto& answer) {
       john.send("note", "lost", "c");
       store.fails_to_append = true;
       answer(2);
     }},
    {"unavailable",
     [](auto& store, auto&, auto& john, auto& answer) {
       john.send("note", "lost", "c");
       store.fails_to_append = store.fails_to_open = true;
       answer(1000);
     }},
    {"unavailable, and tried again",
     [](auto& store, auto& stage, auto& john, auto& answer) {
       john.send("note", "lost", "c");
       store.fails_to_append = store.fails_to_open = true;
       answer(1000);
       stage.advance(1s);
     }},
    {"reopening because apply failed", [](auto&, auto&, auto& john, auto&) { john.send("note", "throw in apply", "c"); }},
    {"reloading already",
     [](auto&, auto& stage, auto& john, auto&) {
       john.send("note", "committing", "c");
       stage.home().enter([&] { stage.hub.use(probe_and({"TALLY"})); });
     }},
};

TEST_F(Reload, loses_and_confuses_nothing_whatever_the_room_is_doing) {
  for (const auto& [name, bring] : phases) {
    for (const bool holds_back_before : {true, false}) {
      SCOPED_TRACE(name + (holds_back_before ? ", with something held back before" : ""));
      use(probe_and({"CLAIMS_MESSAGE"}));  // the first ones are there for as long as the server
      Actor john{stage, "john", 1, {}, name + (holds_back_before ? " before" : " after")};
      settle();
      std::vector<Json> refs = {"b1", "b2", "b3", "n"};
      const auto blink = [&] {
        for (const char* ref : {"b1", "b2", "b3"}) john.send("blink", ref, ref);
        stage.run();
      };
      john.inbox.messages.clear();
      if (holds_back_before) blink();
      bring(store, stage, john, [this](std::size_t calls) { answer(calls); });
      stage.run();
      if (!holds_back_before) blink();
      use(probe_and({"FORGETFUL", "CLAIMS_MESSAGE"}));
      john.send("note", "refuse", "n");
      settle();
      for (const auto& ref : refs) {
        const auto answers = std::ranges::count_if(john.inbox.messages, [&](const Json& message) { return message.value("ref", Json{}) == ref; });
        EXPECT_EQ(answers, 1) << ref;
      }
      for (const auto& message : john.inbox.messages) {
        const auto ref = message.value("ref", Json{});
        if (message["type"] == "blink") {
          EXPECT_EQ(message["content"]["value"], ref) << "by the probe";
        } else if (ref == "n") {
          EXPECT_TRUE(message["code"] == "invalid" || name.starts_with("unavailable")) << message;
        }
      }
      john.send("note", "after", "after");
      john.send("forgotten", 1, "forgotten");
      settle();
      EXPECT_TRUE(john.take("note").back().contains("seq"));
      EXPECT_EQ(john.take("forgotten").back()["ref"], "forgotten");
    }
  }
}

TEST_F(Reload, of_a_room_that_opens_or_closes_is_nothing_special) {
  use(probe_and({"CLAIMS_MESSAGE"}));
  Actor john{stage, "john"};
  john.send("note", "early", "early");
  for (int i = 0; i < 4; ++i) {
    answer(1);
    use(probe_and(i % 2 == 0 ? std::vector<std::string>{"FORGETFUL"} : std::vector<std::string>{"CLAIMS_MESSAGE", "TALLY"}));
  }
  settle();
  EXPECT_EQ(john.take("note").at(0)["ref"], "early");
  store.when_put = [&] { use(probe_and({"FORGETFUL"})); };
  john.leave();
  stage.advance(1s);
  store.when_put = nullptr;
  Actor jane{stage, "jane"};
  settle();
  EXPECT_EQ(jane.take("answer").at(0)["content"], Json{"early"});
}

TEST_F(Reload, is_not_lost_when_it_comes_while_the_room_is_being_opened) {
  for (const std::size_t calls : {0U, 1U, 2U}) {
    SCOPED_TRACE(calls);
    use(probe_and({}));
    Actor john{stage, "john", 0, {}, "room " + std::to_string(calls)};
    for (int i = 0; i < 3; ++i) john.send("note", i);
    answer();
    john.send("note", "lost");
    store.fails_to_append = true;
    answer(1);
    store.fails_to_append = false;
    answer(calls);
    use(probe_and({"TALLY"}));
    settle();
    john.inbox.messages.clear();
    john.send("word", "apple", "w");
    settle();
    EXPECT_EQ(john.count("word"), 1U) << john.inbox.messages.front();
  }
}

TEST_F(Reload, is_not_lost_when_it_comes_while_the_whole_log_is_read_because_a_snapshot_cannot_be_used) {
  std::optional<Actor> john{std::in_place, stage, "john"};
  john->send("note", "a");
  settle();
  john.reset();
  settle();
  store.log("general", {})->put({1, R"({"probe":"not what it makes"})"});
  Actor jane{stage, "jane"};
  answer(2);
  ASSERT_EQ(jane.count("welcome"), 0U);
  ASSERT_EQ(store.waiting(), 1U);
  use(probe_and({"TALLY"}));
  settle();
  EXPECT_EQ(jane.take("answer").at(0)["content"], Json{"a"});
  jane.send("word", "apple");
  settle();
  EXPECT_EQ(jane.count("word"), 1U);
}

// A message passed the schemas of the previous plugins, and waits while the plugins change: the new plugins must judge it. The claimant
// accepts any content as a "word", a "tally" or an "other"; the tally has a schema for words, and only it may say "tally".
TEST_F(Reload, has_what_waits_looked_at_again) {
  const auto claimant = [] {
    return std::make_shared<const plugins::Registry>(
        configured({{"HUBBUB_PLUGINS__CLAIMANT", R"({"one":"word","other":"tally"})"}}).plugins);
  };
  struct Case {
    std::string type;
    Json content;
    std::string code;  // empty: it is taken
  };
  const std::vector<Case> cases = {{"word", "apple", ""}, {"word", 5, "invalid"}, {"tally", 1, "forbidden"}, {"note", "probe's", ""}};
  for (const auto& [name, bring] : phases) {
    if (!name.starts_with("re")) continue;  // nothing waits there
    SCOPED_TRACE(name);
    use(claimant());
    Actor john{stage, "john", 0, {}, "again " + name};
    settle();
    bring(store, stage, john, [this](std::size_t calls) { answer(calls); });
    stage.run();
    if (name.starts_with("reloading")) use(claimant());
    for (const auto& [type, content, code] : cases) john.send(type, content, "w " + content.dump());
    use(probe_and({"TALLY"}));
    settle();
    for (const auto& [type, content, code] : cases) {
      const auto of_it = [&](const Json& message) { return message.value("ref", Json{}) == "w " + content.dump(); };
      ASSERT_EQ(std::ranges::count_if(john.inbox.messages, of_it), 1) << content;
      EXPECT_EQ(std::ranges::find_if(john.inbox.messages, of_it)->value("code", ""), code) << content;
    }
    const auto errors = john.take("error");
    const auto told = std::ranges::find(errors, "invalid", [](const Json& error) { return error.value("code", ""); });
    ASSERT_NE(told, errors.end());
    EXPECT_EQ((*told)["content"], "content: must be a string");
  }
}

TEST_F(Reload, lets_out_at_once_what_is_held_back) {
  Actor john{stage, "john"}, jane{stage, "jane"};
  settle();
  for (auto* actor : {&john, &jane}) {
    for (int i = 0; i < 3; ++i) actor->send("blink", i);
  }
  EXPECT_EQ(jane.take("blink").size(), 2U);
  use(probe_and({"TALLY"}));
  answer();
  std::map<std::string, int> newest;
  for (const auto& blink : jane.take("blink")) newest[blink["nickname"]] = blink["content"]["value"];
  EXPECT_EQ(newest, (std::map<std::string, int>{{"john", 2}, {"jane", 2}}));
}

// Has a room make its plugins anew: because of another registry, a fault of a plugin, or a fault of the store.
const std::map<std::string, std::function<void(SlowStore&, Stage&, Actor&)>> renewals = {
    {"other plugins", [](auto&, auto& stage, auto&) { stage.home().enter([&] { stage.hub.use(probe_and({"TALLY"})); }); }},
    {"a fault in apply", [](auto&, auto&, auto& john) { john.send("note", "throw in apply"); }},
    {"a message that is not stored",
     [](auto& store, auto& stage, auto& john) {
       store.fails_to_append = true;
       john.send("note", "lost");
       stage.home().enter([&] { store.answer_one(); });
       store.fails_to_append = false;
     }},
};

TEST_F(Reload, wakes_nobody_for_an_object_that_is_no_more) {
  for (const auto& [name, renew] : renewals) {
    SCOPED_TRACE(name);
    use(probe_and({}));
    Actor john{stage, "john", 0, {}, name};
    settle();
    john.send("wake", 500);
    answer();
    renew(store, stage, john);
    settle();
    stage.advance(1s);
    answer();
    EXPECT_EQ(john.count("note"), 0U);
    john.send("wake", 500);
    answer();
    stage.advance(500ms);
    answer();
    EXPECT_EQ(john.count("note"), 1U);
  }
}

std::size_t hellos(Actor& actor, const std::string& to) {
  const auto answers = actor.take("answer");
  return static_cast<std::size_t>(std::ranges::count_if(answers, [&](const Json& message) { return message["content"] == "hello " + to; }));
}

struct ReloadOfWatchful : Reload {
  ReloadOfWatchful() : Reload{R"({"announces":true})"} {}
};

TEST_F(ReloadOfWatchful, is_told_who_is_there_each_once) {
  const std::map<std::string, std::function<void(SlowStore&, Stage&, Actor&)>> all = {
      {"other plugins", [this](auto&, auto&, auto&) { use(registry({"TALLY"})); }},
      {"a fault in apply", renewals.at("a fault in apply")},
      {"a message that is not stored", renewals.at("a message that is not stored")},
  };
  for (const auto& [name, renew] : all) {
    SCOPED_TRACE(name);
    use(registry({}));
    std::deque<Actor> people;
    for (const auto* person : {"john", "jane", "bob"}) people.emplace_back(stage, person, people.size() % 2, std::nullopt, name);
    settle();
    people[2].leave();
    settle();
    for (auto& person : people) person.inbox.messages.clear();
    renew(store, stage, people[0]);
    Actor ann{stage, "ann", 0, {}, name};  // meanwhile
    settle();
    EXPECT_EQ(hellos(people[0], "john"), 1U);
    EXPECT_EQ(hellos(people[1], "jane"), 1U);
    EXPECT_EQ(hellos(ann, "ann"), 1U);
    people[1].leave();
    settle();
    EXPECT_EQ(ann.take("gone").size(), 1U) << "and who goes";
  }
}

TEST_F(Reload, tells_who_sends_too_fast_what_was_skipped) {
  Actor john{stage, "john"};
  settle();
  for (const char* ref : {"first", "second", "third"}) john.send("blink", ref, ref);
  const auto skipped = john.take("error");
  ASSERT_EQ(skipped.size(), 1U);
  EXPECT_EQ(skipped[0]["ref"], "second");
  EXPECT_EQ(skipped[0]["code"], "rate_limited");
  EXPECT_FALSE(skipped[0].contains("retry_after_ms")) << "an older value is not to be sent again";
  john.send("blink", 4);
  EXPECT_EQ(john.take("error").size(), 1U) << "the third";
  john.send("blink", 5);
  EXPECT_EQ(john.take("error").size(), 0U) << "who does not ask is not told";
}

TEST_F(Reload, tells_which_types_there_are_if_these_have_changed) {
  Actor john{stage, "john"};
  settle();
  for (const auto& [others, told] : std::vector<std::pair<std::vector<std::string>, std::size_t>>{{{}, 0}, {{"TALLY"}, 1}, {{"TALLY"}, 0}, {{}, 1}}) {
    use(registry(others));
    settle();
    EXPECT_EQ(john.take("types").size(), told);
  }
}

// A member that gets a long greeting is first told what the room said earlier in the same turn.
TEST_F(Reload, tells_the_types_before_a_large_greeting_and_what_is_said_meanwhile_behind_it) {
  const auto without_probe = std::make_shared<const plugins::Registry>(
      configured({{"HUBBUB_PLUGINS__PROBE", R"({"enabled":false})"}, {"HUBBUB_PLUGINS__TALLY", "{}"}}).plugins);
  Actor john{stage, "john"}, jane{stage, "jane", 1};
  settle();
  for (int i = 0; i < 3; ++i) john.send("note", std::string(40'000, 'x'));
  settle();
  use(without_probe);
  settle();
  for (auto* actor : {&john, &jane}) actor->inbox.messages.clear();
  use(registry({"TALLY"}));
  john.send("word", "apple");
  settle();
  for (auto* actor : {&john, &jane}) {
    std::vector<std::string> types;
    for (const auto& message : actor->inbox.messages) types.push_back(message["type"]);
    EXPECT_EQ(types, (std::vector<std::string>{"types", "answer", "word"}));
  }
}

TEST_F(Reload, answers_what_waits_for_its_turn_also_if_the_room_is_not_open_then) {
  Actor john{stage, "john"};
  settle();
  for (const char* ref : {"first", "held"}) john.send("blink", ref, ref);
  store.fails_to_append = store.fails_to_open = true;
  john.send("note", "lost", "lost");
  answer();
  stage.advance(500ms);
  const auto errors = john.take("error");
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[1]["ref"], "held");
  EXPECT_EQ(errors[1]["code"], "unavailable");
}

TEST_F(Reload, answers_what_is_not_logged_but_rests_on_what_could_not_be_stored) {
  Actor john{stage, "john"};
  settle();
  store.fails_to_append = true;
  john.send("note", "lost", "lost");
  john.send("blink", 1, "asked");
  answer();
  const auto errors = john.take("error");
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[1]["ref"], "asked");
  EXPECT_EQ(errors[1]["code"], "unavailable");
}

}  // namespace
}  // namespace hubbub::rooms

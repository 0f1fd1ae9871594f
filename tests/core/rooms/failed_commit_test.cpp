// What was decided behind a message that could not be stored: nobody sees any of it, and who waits for an answer gets one.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/log_lines.hpp"
#include "core/rooms/slow_room.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;

// In it are john, whose message is not stored, and jane, who sees what goes out.
class FailedCommit : public SlowRoom {
 protected:
  FailedCommit() : SlowRoom{{{"HUBBUB_PLUGINS__PROBE", R"({"announces":true})"}, {"HUBBUB_PLUGINS__MAKER", "{}"}}} {}

  void begin() { john->send("note", "lost", "lost"); }
  void fail() {
    store.fails_to_append = true;
    answer(1);
    store.fails_to_append = false;
    answer();
  }
  Json make(const char* where, const Json& what) { return {{"in", where}, {"what", what}}; }

  std::unique_ptr<Actor> john = come("john"), jane = come("jane"), bob = come("bob");
};

TEST_F(FailedCommit, takes_with_it_whatever_was_decided_behind_it) {
  struct Decided {
    const char* what;
    std::function<void()> decide;
    const char* type;     // that nobody gets
    const char* told = "";  // the ref whose sender is told that it was not stored
  };
  const std::vector<Decided> all = {
      {"a logged message", [&] { john->send("note", "a", "r"); }, "note", "r"},
      {"an ephemeral one", [&] { john->send("make", make("passing", 1), "r"); }, "passing", "r"},
      {"one whose type has a rate", [&] { john->send("blink", 1, "r"); }, "blink", "r"},
      {"an answer", [&] { john->send("make", make("answer", 1), "r"); }, "made", "r"},
      {"what a plugin sends to one", [&] { john->send("make", make("sent", 1), "r"); }, "passing", "r"},
      {"what a plugin posts to all", [&] { john->send("make", make("posted in passing", 1), "r"); }, "passing", "r"},
      {"what a plugin posts for good", [&] { john->send("make", make("posted", 1), "r"); }, "make", "r"},
      {"what a plugin says of who leaves", [&] { bob.reset(); }, "gone"},
      {"the same, sent again", [&] { john->send("note", "lost", "lost"); }, "note", "lost"},
  };
  for (const auto& [what, decide, type, told] : all) {
    SCOPED_TRACE(what);
    stage.advance(1s);
    for (auto* actor : {&*john, &*jane}) actor->inbox.messages.clear();
    begin();
    decide();
    EXPECT_EQ(john->count(type) + jane->count(type), 0U) << "before it is stored";
    fail();
    EXPECT_EQ(jane->count(type), 0U);
    std::multiset<std::string> refs;
    for (const auto& error : john->take("error")) {
      EXPECT_EQ(error["code"], "unavailable");
      refs.insert(error["ref"]);
    }
    EXPECT_EQ(refs.erase("lost"), told == std::string{"lost"} ? 2U : 1U);
    EXPECT_EQ(refs, *told && told != std::string{"lost"} ? std::multiset<std::string>{told} : std::multiset<std::string>{});
  }
}

// A plugin has nobody else who would tell the operator.
TEST_F(FailedCommit, is_in_the_log_if_it_takes_what_a_plugin_has_posted) {
  const LogLines log;
  for (const auto& [where, type] : {std::pair{"posted in passing", "passing"}, std::pair{"posted", "make"}}) {
    std::vector<std::string> lines;
    for (int i = 0; i < 2; ++i) {
      begin();
      john->send("make", make(where, 1));
      fail();
      for (auto& line : log.take("posted")) lines.push_back(std::move(line));
    }
    EXPECT_EQ(lines, std::vector{"room=general plugin=maker posted a message of type=" + std::string{type} +
                                 ", which is refused: this could not be stored now; send it again"})
        << "once a minute";
    stage.advance(1min);
  }
}

TEST_F(FailedCommit, does_not_take_the_place_of_one_who_resumes_behind_it) {
  const auto epoch = epoch_of(*john);
  john->send("note", "kept");
  answer();
  begin();
  Actor again{stage, "again", 0, JoinRequest::Position{epoch, 0}};
  stage.run();
  fail();
  EXPECT_EQ(again.take("welcome").at(0)["content"]["recovered"], true);
  EXPECT_EQ(seqs(again), Seqs{1});
}

TEST_F(FailedCommit, takes_with_it_what_was_held_back_and_released_behind_it) {
  for (int i = 0; i < 2; ++i) john->send("blink", i, i);
  EXPECT_EQ(jane->take("blink").size(), 1U);
  begin();
  stage.advance(100ms);
  fail();
  stage.advance(1s);
  EXPECT_EQ(jane->count("blink"), 0U);
  const auto errors = john->take("error");
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[1]["ref"], 1);
  EXPECT_EQ(errors[1]["code"], "unavailable");
}

// Who is let in between two messages is told something by a plugin that has seen both.
TEST_F(FailedCommit, takes_with_it_what_a_plugin_tells_a_newcomer_before_it) {
  john->send("note", "kept");
  Actor ann{stage, "ann"};
  begin();
  answer(1);
  EXPECT_EQ(ann.count("welcome"), 1U);
  fail();
  const auto said = ann.take("answer");
  EXPECT_EQ(std::ranges::count_if(said, [](const Json& message) { return message["content"] == "hello ann"; }), 1)
      << "it is told that once its state is read again";
}

TEST_F(FailedCommit, does_not_take_what_was_decided_before_it) {
  john->send("note", "kept", 1);
  jane->send("make", make("passing", "kept"), 2);
  jane->send("make", make("answer", "kept"), 3);
  begin();
  answer(1);
  fail();
  EXPECT_EQ(seqs(*jane), Seqs{1});
  EXPECT_EQ(john->take("passing").size(), 1U);
  EXPECT_EQ(jane->take("made").back()["ref"], 3);
  EXPECT_EQ(jane->count("error"), 0U);
}

TEST_F(FailedCommit, lets_what_comes_afterwards_be_decided_as_if_nothing_had_been) {
  begin();
  fail();
  john->inbox.messages.clear();
  john->send("note", "kept", "lost");
  john->send("make", make("passing", 1), 2);
  answer();
  EXPECT_EQ(seqs(*john), Seqs{1});
  EXPECT_EQ(john->take("passing").size(), 1U);
  EXPECT_EQ(john->count("error"), 0U);
}

// Answers come in the order of what they answer: a refusal does not overtake what the same client said before.
class Refusals : public SlowRoom {
 protected:
  Refusals()
      : SlowRoom{{{"HUBBUB_PLUGINS__TALLY", "{}"}, {"HUBBUB_PLUGINS__MAKER", "{}"}, {"HUBBUB_PLUGINS__LIMITS", R"({"faults":1000})"}}} {}
};

TEST_F(Refusals, do_not_overtake_the_message_before_them) {
  const std::vector<std::pair<const char*, std::string>> all = {
      {"bad_json", "{"},
      {"bad_json", R"({"ref":"r"})"},
      {"invalid", R"({"type":"note","ref":[]})"},
      {"unknown_type", R"({"type":"nobody's","ref":"r"})"},
      {"forbidden", R"({"type":"summed","content":1,"ref":"r"})"},
      {"invalid", R"({"type":"word","content":1,"ref":"r"})"},          // by its schema
      {"invalid", R"({"type":"note","content":"refuse","ref":"r"})"},   // by its plugin
      {"invalid", R"({"type":"sum","content":{},"ref":"r"})"},          // of another form than its plugin expects
      {"internal", R"({"type":"note","content":"throw","ref":"r"})"},
      {"internal", R"({"type":"note","content":"undeclared","ref":"r"})"},
      {"internal", R"({"type":"make","content":{"in":"answer","what":"!nan"},"ref":"r"})"},
      {"internal", R"({"type":"make","content":{"in":"verdict","what":1},"ref":"r"})"},
      {"invalid", R"({"type":"note","content":"another","ref":"taken"})"},
      {"rate_limited", R"({"type":"slow_note","content":2,"ref":"r"})"},
  };
  for (const std::size_t place : {0U, 1U}) {
    Actor john{stage, "john", place};
    answer();
    for (const auto& [code, text] : all) {
      SCOPED_TRACE(text);
      stage.advance(10s);
      john.send("slow_note", 1);
      answer();
      john.inbox.messages.clear();
      john.send("note", "first", text.find("taken") != text.npos ? Json("taken") : Json());
      john.send_text(text);
      stage.run();
      EXPECT_TRUE(john.inbox.messages.empty()) << john.inbox.messages.front();
      answer();
      ASSERT_EQ(john.inbox.messages.size(), 2U);
      EXPECT_EQ(john.inbox.messages[0]["type"], "note");
      EXPECT_EQ(john.inbox.messages[1]["code"], code);
    }
    john.leave();
  }
}

TEST_F(Refusals, of_what_rests_on_a_state_that_is_void_say_so) {
  const auto john = come("john");
  store.fails_to_append = true;
  for (const auto* what : {"lost", "refuse", "throw"}) john->send("note", what, what);
  answer(1);
  store.fails_to_append = false;
  answer();
  const auto errors = john->take("error");
  ASSERT_EQ(errors.size(), 3U);
  for (const auto& error : errors) EXPECT_EQ(error["code"], "unavailable") << error;
}

// It says that the connection lives, whatever the room waits for.
TEST_F(Refusals, are_overtaken_by_a_pong_but_a_welcome_is_not) {
  Actor john{stage, "john", 1};
  john.send("ping", nullptr, "early");
  stage.run();
  EXPECT_TRUE(john.inbox.messages.empty());
  answer();
  EXPECT_EQ(john.inbox.messages.front()["type"], "welcome");
  EXPECT_EQ(john.take("pong").at(0)["ref"], "early");
  john.send("note", "waits");
  john.send("ping", nullptr, "late");
  stage.run();
  EXPECT_EQ(john.take("pong").at(0)["ref"], "late");
  EXPECT_EQ(john.count("note"), 0U);
}

}  // namespace
}  // namespace hubbub::rooms

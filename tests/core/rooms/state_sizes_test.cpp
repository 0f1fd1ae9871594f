// A plugin that keeps more and more in a room comes to an end of it, and nobody else does.
#include <gtest/gtest.h>

#include "core/rooms/log_lines.hpp"
#include "core/rooms/stage.hpp"
#include "store/memory.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;

class StateSize : public ::testing::Test {
 protected:
  static config::Config settings() {
    return configured({{"HUBBUB_PLUGINS__MAKER", "{}"},
                       {"HUBBUB_PLUGINS__FORGETFUL", "{}"},
                       {"HUBBUB_PLUGINS__LIMITS", R"({"state":"8KiB","budget":"1ms"})"},
                       {"HUBBUB_STORE__SNAPSHOT_EVERY", "1"}});
  }

  static Json say(Actor& actor, const std::string& type, const Json& content) {
    static int ref = 0;
    actor.inbox.messages.clear();
    actor.send(type, content, ++ref);
    for (const auto& message : actor.inbox.messages) {
      if (message.value("ref", Json{}) == ref) return message;
    }
    return {};
  }
  static Json add(Actor& actor) { return say(actor, "make", {{"in", "nowhere"}, {"what", std::string(1000, 'x')}}); }
  static Json remove(Actor& actor) { return say(actor, "make", {{"in", "forget"}, {"what", 1}}); }

  // Adds until that is refused. Returns how often it was not, and the refusal.
  static std::pair<int, Json> fill(Actor& actor) {
    for (int i = 0; i < 100; ++i) {
      if (auto answer = add(actor); answer.contains("code")) return {i, answer};
    }
    return {100, {}};
  }

  store::MemoryStore store{{}, 10};
};

TEST_F(StateSize, beyond_its_limit_does_not_grow_but_shrinks_and_hurts_no_other_plugin) {
  LogLines log;
  Stage stage{store, 1, settings()};
  Actor john{stage, "john"}, jane{stage, "jane"};
  const auto [taken, refusal] = fill(john);
  EXPECT_GE(taken, 8);
  EXPECT_LE(taken, 9);
  EXPECT_EQ(refusal["code"], "unavailable");
  EXPECT_EQ(refusal["content"], "maker keeps as much in this room as it may, 8KiB: what would add to it is refused until something is removed");
  EXPECT_EQ(refusal["retry_after_ms"], 1000);
  const auto lines = log.take("plugins.limits.state");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[0].starts_with("room=general plugin=maker keeps ")) << lines[0];
  EXPECT_TRUE(lines[1].find("what would add to them is refused") != std::string::npos) << lines[1];
  EXPECT_EQ(say(jane, "forgotten", 1)["seq"], taken + 1);
  EXPECT_EQ(say(john, "seen", nullptr)["content"].size(), static_cast<std::size_t>(taken)) << "nothing of what was refused is left";
  EXPECT_EQ(add(john)["code"], "unavailable");
  EXPECT_EQ(remove(john)["code"], "unavailable") << "of the same type, so it has to wait";
  stage.advance(1s);
  EXPECT_EQ(remove(john)["seq"], taken + 2);
  EXPECT_EQ(add(john)["seq"], taken + 3);
  EXPECT_EQ(log.take("takes every message again").size(), 1U);
}

TEST_F(StateSize, is_known_when_a_room_is_opened_again) {
  int taken = 0;
  {
    Stage stage{store, 1, settings()};
    Actor john{stage, "john"};
    taken = fill(john).first;
  }
  Stage stage{store, 1, settings()};
  Actor john{stage, "john"};
  EXPECT_EQ(add(john)["code"], "unavailable");
  EXPECT_EQ(say(john, "forgotten", 1)["seq"], taken + 1);
}

TEST_F(StateSize, is_tried_ever_more_rarely_while_what_comes_would_add_to_it) {
  Stage stage{store, 1, settings()};
  Actor john{stage, "john"};
  fill(john);
  for (const int wait : {1000, 2000, 4000, 8000}) {
    EXPECT_EQ(add(john)["retry_after_ms"], wait);
    stage.advance(std::chrono::milliseconds{wait});
    EXPECT_EQ(add(john)["code"], "unavailable");
  }
}

TEST_F(StateSize, that_was_within_its_limit_again_is_tried_at_once_when_it_is_beyond_it) {
  Stage stage{store, 1, settings()};
  Actor john{stage, "john"};
  EXPECT_EQ(say(john, "make", {{"in", "state"}, {"what", std::string(3500, 'x')}})["seq"], 1) << "kept three times, until it is forgotten once";
  EXPECT_EQ(remove(john)["seq"], 2);
  EXPECT_EQ(fill(john).second["retry_after_ms"], 1000) << "which is told after a trial";
}

TEST_F(StateSize, that_takes_long_to_read_is_told_with_how_long_the_room_took_to_open) {
  {
    Stage stage{store, 1, settings()};
    Actor john{stage, "john"};
    say(john, "make", {{"in", "greeting"}, {"what", "slow"}});
  }
  LogLines log;
  Stage stage{store, 1, settings()};
  Actor john{stage, "john"};
  const auto lines = log.take("to open");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_TRUE(lines[0].find("of them in plugin=maker, from a snapshot of ") != std::string::npos) << lines[0];
  EXPECT_TRUE(lines[0].ends_with(" bytes and 0 messages; plugins.limits.budget is 1ms")) << lines[0];
}

}  // namespace
}  // namespace hubbub::rooms

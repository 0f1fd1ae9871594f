// A plugin that keeps more and more in a room comes to an end of it, and nobody else does.
#include <gtest/gtest.h>

#include "core/log_lines.hpp"
#include "core/rooms/stage.hpp"
#include "rooms/state_sizes.hpp"
#include "store/memory.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;

class StateSize : public ::testing::Test {
 protected:
  static config::Config settings(const char* snapshot_every = "1") {
    return configured({{"HUBBUB_PLUGINS__MAKER", "{}"},
                       {"HUBBUB_PLUGINS__FORGETFUL", "{}"},
                       {"HUBBUB_PLUGINS__LIMITS", R"({"state":"8KiB","budget":"1ms"})"},
                       {"HUBBUB_STORE__SNAPSHOT_EVERY", snapshot_every}});
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
  EXPECT_EQ(refusal["content"], "maker keeps as much in this room as it may, 8KiB: it refuses to keep more until something is removed");
  EXPECT_EQ(refusal["retry_after_ms"], 1000);
  const auto lines = log.take("plugins.limits.state");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[0].starts_with("room=general plugin=maker keeps ")) << lines[0];
  EXPECT_TRUE(lines[1].find("messages that would add to them are refused") != std::string::npos) << lines[1];
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

// Without a snapshot in between.
TEST_F(StateSize, is_known_as_soon_as_something_has_been_removed) {
  Stage stage{store, 1, settings("1000")};
  Actor john{stage, "john"};
  const int taken = fill(john).first;
  EXPECT_GE(taken, 8);
  stage.advance(1s);
  EXPECT_EQ(remove(john)["seq"], taken + 1);
  EXPECT_EQ(add(john)["seq"], taken + 2) << "it may be added to at once";
}

TEST_F(StateSize, that_has_become_smaller_and_is_still_beyond_its_limit_does_not_become_what_it_was) {
  Stage stage{store, 1, settings("1000")};
  Actor john{stage, "john"};
  const auto greet_with = [&](std::size_t size) {
    stage.advance(1s);
    return say(john, "make", {{"in", "greeting"}, {"what", std::string(size, 'x')}});
  };
  EXPECT_EQ(greet_with(9000)["seq"], 1) << "kept twice, what was said and what it greets with";
  EXPECT_EQ(greet_with(10)["seq"], 2);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(greet_with(2000)["code"], "unavailable") << "less than there was, and more than there is";
  stage.advance(1s);
  EXPECT_EQ(remove(john)["seq"], 3);
  EXPECT_EQ(greet_with(2000)["seq"], 4);
}

// Each message that is taken leads to a snapshot of the whole room.
TEST_F(StateSize, that_stays_beyond_its_limit_is_tried_again_after_ten_times_what_the_trial_and_the_snapshot_took) {
  Stage stage{store, 1, settings("1000")};
  Actor john{stage, "john"};
  say(john, "make", {{"in", "state"}, {"what", std::string(5000, 'x')}});
  stage.advance(1h);
  EXPECT_EQ(add(john)["code"], "unavailable");
  stage.advance(1h);
  say(john, "forgotten", "slow");
  ASSERT_TRUE(remove(john).contains("seq")) << "smaller, and still beyond";
  EXPECT_EQ(remove(john).value("retry_after_ms", 0), 200) << "the snapshot takes 20 ms";
}

// What it makes of sizes and times, by itself.
struct Sizes : ::testing::Test {
  static constexpr std::size_t limit = 8192, large = limit / 5 * 4;
  bool is_full_with(std::size_t bytes) {
    sizes.measured(0, bytes);
    return sizes.is_full(0);
  }

  config::Config config = configured({{"HUBBUB_PLUGINS__LIMITS__STATE", "8KiB"}, {"HUBBUB_PLUGINS__TALLY", "{}"}});
  plugins::Registry registry{config.plugins};
  ManualShard shard;
  const std::string room = "general";
  StateSizes sizes{shard, registry, room};
};

TEST_F(Sizes, are_full_beyond_the_limit_and_said_to_be_near_it_beyond_four_fifths_each_once) {
  LogLines log;
  const auto said = [&](std::size_t bytes) {
    const bool full = is_full_with(bytes);
    const auto lines = log.take("room=general");
    EXPECT_EQ(sizes.is_full(1), false);
    return (lines.empty() ? "" : lines.at(0).find("takes every") != std::string::npos ? "again " : "said ") + std::string{full ? "full" : ""};
  };
  EXPECT_EQ(said(0), "");
  EXPECT_EQ(said(large), "");
  EXPECT_EQ(said(large + 1), "said ");
  EXPECT_EQ(said(limit), "");
  EXPECT_EQ(said(limit + 1), "said full");
  EXPECT_EQ(sizes.size(0), limit + 1);
  EXPECT_EQ(said(2 * limit), "full");
  EXPECT_EQ(sizes.size(0), 2 * limit);
  EXPECT_EQ(said(limit), "again ");
  EXPECT_EQ(said(large), "");
  EXPECT_EQ(said(limit), "said ") << "anew";
  EXPECT_EQ(said(large), "");
  EXPECT_EQ(said(limit + 1), "said full");
  EXPECT_EQ(said(0), "again ");
}

TEST_F(Sizes, have_a_type_wait_ten_times_as_long_as_its_trial_took_and_after_one_in_vain_a_second_at_least_and_then_twice_as_long) {
  is_full_with(limit + 1);
  EXPECT_EQ(sizes.wait(0, "a"), 0ms);
  sizes.tried(0, "a", 7ms, true);
  EXPECT_EQ(sizes.wait(0, "a"), 70ms);
  EXPECT_EQ(sizes.wait(0, "b"), 0ms) << "each type for itself";
  EXPECT_EQ(sizes.refusal(0, "a").retry_after, 70ms);
  shard.advance(69ms);
  EXPECT_EQ(sizes.wait(0, "a"), 1ms);
  shard.advance(1ms);
  EXPECT_EQ(sizes.wait(0, "a"), 0ms);
  shard.advance(1h);
  EXPECT_EQ(sizes.wait(0, "a"), 0ms);
  for (const auto wait : {1000ms, 2000ms, 4000ms, 8000ms, 16000ms, 32000ms, 64000ms, 128000ms, 256000ms, 512000ms, 600000ms, 600000ms}) {
    sizes.tried(0, "a", 1ms, false);
    EXPECT_EQ(sizes.wait(0, "a"), wait);
  }
  sizes.tried(0, "a", 1ms, true);
  EXPECT_EQ(sizes.wait(0, "a"), 10ms);
  sizes.tried(0, "a", 300ms, false);
  EXPECT_EQ(sizes.wait(0, "a"), 3s) << "ten times as long, if that is more";
  sizes.tried(0, "a", 1ms, false);
  EXPECT_EQ(sizes.wait(0, "a"), 6s);
  EXPECT_TRUE(is_full_with(limit + 2));
  EXPECT_EQ(sizes.wait(0, "a"), 6s) << "it was full all the time";
  is_full_with(limit);
  is_full_with(limit + 1);
  EXPECT_EQ(sizes.wait(0, "a"), 0ms) << "it was not full in between";
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

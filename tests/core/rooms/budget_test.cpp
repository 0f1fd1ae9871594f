// When a plugin is said to be too slow, and when one that is off comes back, by itself. See conduct_test for what a room makes of that.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/log_lines.hpp"
#include "core/rooms/stage.hpp"
#include "rooms/conduct.hpp"
#include "store/memory.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

struct Budget : ::testing::Test, Conduct::Owner {
  std::size_t place(const std::string& name) const {
    const auto plugins = registry.plugins();
    return static_cast<std::size_t>(std::ranges::find(plugins, name, &plugins::LoadedPlugin::name) - plugins.begin());
  }
  std::uint64_t ns(const std::string& name) { return figures.ns[name].value(); }

  bool renew(std::size_t plugin) override {
    tried.push_back(plugin);
    return can_be_had_back;
  }

  store::MemoryStore store{{}, 10};
  Stage stage{store, 1, configured({{"HUBBUB_PLUGINS__TALLY", "{}"},
                                    {"HUBBUB_PLUGINS__LIMITS", R"({"budget":"20ms","faults":2,"within":"10s","off":"30s"})"}})};
  const plugins::Registry& registry = *stage.registry;
  const std::size_t probe = place("probe"), tally = place("tally");
  ManualShard& shard = stage.home();
  const ManualShard::Entered entered{shard};
  Figures& figures = stage.world.figures_of(shard);
  Roster roster{stage.registry, shard, stage.world};
  const std::string room = "general", elsewhere = "elsewhere";
  bool can_be_had_back = true;
  std::vector<std::size_t> tried;
  Conduct conduct{shard, roster, *this, room}, other{shard, roster, *this, elsewhere};
  LogLines log;
};

TEST_F(Budget, is_kept_by_a_call_that_takes_just_as_long) {
  conduct.took(probe, "apply", 20ms);
  EXPECT_EQ(log.take("budget"), Lines{});
  conduct.took(probe, "apply", 20ms + 1ns);
  EXPECT_EQ(log.take("budget"), Lines{"room=general plugin=probe apply took 21 ms; plugins.limits.budget is 20ms, and slower calls so far: 1"});
}

TEST_F(Budget, is_said_to_be_broken_once_a_minute_by_each_plugin_in_all_rooms) {
  conduct.took(probe, "apply", 1s);
  other.took(probe, "greet", 1s);
  EXPECT_EQ(log.take("budget").size(), 1U);
  other.took(tally, "greet", 1s);
  EXPECT_EQ(log.take("budget"), Lines{"room=elsewhere plugin=tally greet took 1000 ms; plugins.limits.budget is 20ms, and slower calls so far: 1"});
  shard.advance(59'999ms);
  conduct.took(probe, "apply", 1s);
  EXPECT_EQ(log.take("budget"), Lines{});
  shard.advance(1ms);
  other.took(probe, "apply", 1s);
  EXPECT_EQ(log.take("budget"), Lines{"room=elsewhere plugin=probe apply took 1000 ms; plugins.limits.budget is 20ms, and slower calls so far: 4"});
}

TEST_F(Budget, is_one_for_all_that_opens_a_room_and_named_with_who_took_most_of_it) {
  conduct.opens();
  for (int i = 0; i < 30; ++i) conduct.took(tally, "apply", 1ms);
  conduct.took(probe, "restore", 25ms);
  EXPECT_EQ(log.take("room="), Lines{}) << "no call for itself";
  conduct.is_open(56ms, "a snapshot");
  EXPECT_EQ(log.take("room="),
            Lines{"room=general took 56 ms to open, 30 ms of them in plugin=tally, from a snapshot; plugins.limits.budget is 20ms"});
  conduct.took(probe, "apply", 25ms);
  EXPECT_EQ(log.take("slower calls so far: 1").size(), 1U) << "once it is open, each does, and those before are none";
  for (const auto took : {20ms, 21ms}) {
    shard.advance(1min);
    conduct.opens();
    conduct.is_open(took, "nothing");
    EXPECT_EQ(log.take("to open").size(), took > 20ms ? 1U : 0U);
  }
  other.opens();
  other.is_open(1s, "nothing");
  EXPECT_EQ(log.take("to open"), Lines{}) << "once a minute, in all rooms";
}

TEST_F(Budget, is_counted_whatever_the_call_was) {
  conduct.took(probe, "apply", 5ms);
  other.took(probe, "apply", 7ms);
  other.opens();
  other.took(probe, "restore", 11ms);
  other.took(tally, "restore", 13ms);
  EXPECT_EQ(ns("probe"), 23'000'000U);
  EXPECT_EQ(ns("tally"), 13'000'000U);
}

TEST_F(Budget, has_nothing_to_do_with_what_fails_and_one_plugin_nothing_with_another) {
  conduct.failed(probe);
  conduct.failed(tally);
  other.failed(probe);
  for (const auto plugin : {probe, tally}) EXPECT_EQ(conduct.off_for(plugin), 0ms);
  conduct.failed(probe);
  EXPECT_EQ(conduct.off_for(probe), 30s);
  EXPECT_EQ(conduct.off_for(tally), 0ms);
  EXPECT_EQ(other.off_for(probe), 0ms);
}

TEST_F(Budget, of_patience_is_as_long_each_time_that_a_plugin_cannot_be_had_back) {
  for (int i = 0; i < 2; ++i) conduct.failed(probe);
  can_be_had_back = false;
  for (std::size_t times = 1; times <= 3; ++times) {
    shard.advance(29'999ms);
    EXPECT_EQ(conduct.off_for(probe), 1ms);
    EXPECT_EQ(tried.size(), times - 1);
    can_be_had_back = times == 3;
    shard.advance(1ms);
    EXPECT_EQ(tried, std::vector(times, probe));
    EXPECT_EQ(conduct.off_for(probe), times == 3 ? 0s : 30s);
  }
  EXPECT_EQ(log.take("is switched off here for 30s").size(), 3U);
  shard.advance(1h);
  EXPECT_EQ(tried.size(), 3U);
}

TEST_F(Budget, is_none_of_a_plugin_that_is_out_which_is_said_once) {
  for (int i = 0; i < 3; ++i) conduct.is_out(probe, "it is broken");
  conduct.is_out(tally, "it is, too");
  const auto lines = log.take("is out here");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[0].starts_with("room=general plugin=probe ") && lines[0].ends_with(": it is broken")) << lines[0];
  EXPECT_TRUE(lines[1].starts_with("room=general plugin=tally ") && lines[1].ends_with(": it is, too")) << lines[1];
}

}  // namespace
}  // namespace hubbub::rooms

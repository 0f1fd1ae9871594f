// The monitor in several rooms of one server, through reloads and failures.
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "core/rooms/stage.hpp"
#include "rooms/server_calls.hpp"
#include "store/memory.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;

class MonitorRooms : public ::testing::Test {
 protected:
  void start(const std::string& options) {
    stage.emplace(store, 1, configured({{"HUBBUB_PLUGINS__MONITOR", options}}));
    calls.emplace(stage->home(), stage->world);
    stage->home().enter([&] { calls->use(stage->registry); });
  }
  void reload(const std::string& options) {
    const auto registry = std::make_shared<const plugins::Registry>(configured({{"HUBBUB_PLUGINS__MONITOR", options}}).plugins);
    stage->home().enter([&] { stage->hub.use(registry), calls->use(registry); });
    stage->run();
  }
  static std::size_t figures(Actor& actor) { return actor.take("system_metrics").size(); }

  store::MemoryStore store{{}, 100};
  std::optional<Stage> stage;
  std::optional<ServerCalls> calls;
};

const auto* const every_two_seconds = R"({"interval": "2s"})";

TEST_F(MonitorRooms, tell_the_askers_after_a_reload_and_after_their_state_is_read_again) {
  start(every_two_seconds);
  Actor john{*stage, "john"}, jane{*stage, "jane"};
  john.send("request_metrics", nullptr);
  stage->advance(10s);
  EXPECT_EQ(figures(john), 5U);
  reload(every_two_seconds);
  stage->advance(10s);
  EXPECT_GE(figures(john), 5U) << "after a reload";
  jane.send("note", "throw in apply");  // the probe's
  EXPECT_EQ(jane.count("error"), 1U);
  stage->advance(10s);
  EXPECT_EQ(figures(john), 5U) << "after another reading of the state";
  EXPECT_EQ(figures(jane), 0U);
  reload(R"({"interval": "5s"})");
  stage->advance(20s);
  EXPECT_GE(figures(john), 3U);
  EXPECT_EQ(john.count("error"), 0U);
  john.leave();
  Actor again{*stage, "john"};
  stage->advance(10s);
  EXPECT_EQ(figures(again), 0U) << "another connection asks for itself";
}

TEST_F(MonitorRooms, with_default_names_tell_everybody_unless_others_are_named) {
  start(every_two_seconds);
  const auto told = [&](const char* name) {
    Actor john{*stage, "john", 0, {}, name};
    stage->advance(10s);
    return figures(john) > 0;
  };
  for (const auto* name : {"monitor", "system_monitor"}) EXPECT_TRUE(told(name)) << name;
  for (const auto* name : {"general", "Monitor", "monitor2", "system monitor"}) EXPECT_FALSE(told(name)) << name;
  reload(R"({"interval": "2s", "rooms": ["garden", "Wien"]})");
  for (const auto* name : {"garden", "Wien"}) EXPECT_TRUE(told(name)) << name;
  for (const auto* name : {"monitor", "system_monitor", "general"}) {
    EXPECT_FALSE(told(name)) << name;
    Actor jane{*stage, "jane", 0, {}, name};
    jane.send("request_metrics", nullptr);
    EXPECT_EQ(jane.take("error").at(0)["code"], "invalid") << name;
  }
}

TEST_F(MonitorRooms, tell_everybody_after_a_reload_too) {
  start(every_two_seconds);
  Actor john{*stage, "john", 0, {}, "monitor"};
  stage->advance(10s);
  reload(every_two_seconds);
  figures(john);
  stage->advance(10s);
  EXPECT_GE(figures(john), 5U);
}

TEST_F(MonitorRooms, are_listed_fifty_at_most_the_fullest_first) {
  start(R"({"interval": "2s", "people": true})");
  std::deque<Actor> people;
  for (int i = 0; i < 52; ++i) people.emplace_back(*stage, "guest", 0, std::nullopt, (i < 10 ? "room 0" : "room ") + std::to_string(i));
  for (int i = 0; i < 21; ++i) people.emplace_back(*stage, "n" + std::to_string(i), 0, std::nullopt, "full");
  people.emplace_back(*stage, "second", 0, std::nullopt, "room 51");
  auto& john = people[52];
  john.send("request_metrics", nullptr);
  stage->advance(4s);
  const auto connected = john.take("connected").back()["content"];
  EXPECT_EQ(connected["more"], 3);
  const auto& rooms = connected["rooms"];
  ASSERT_EQ(rooms.size(), 50U);
  EXPECT_EQ(rooms[0]["name"], "full");
  EXPECT_EQ(rooms[0]["members"], 21);
  ASSERT_EQ(rooms[0]["people"].size(), 20U);
  EXPECT_EQ(rooms[0]["people"][0], "n0");
  EXPECT_EQ(rooms[0]["people"][19], "n19");
  EXPECT_EQ(rooms[1], (Json{{"name", "room 51"}, {"members", 2}, {"people", {"guest", "second"}}}));
  EXPECT_EQ(rooms[2]["name"], "room 00");
  EXPECT_EQ(rooms[49]["name"], "room 47");
}

}  // namespace
}  // namespace hubbub::rooms

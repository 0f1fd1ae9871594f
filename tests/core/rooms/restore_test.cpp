// How a room comes by its state when it is opened: from a snapshot, from the log, with plugins that have come, gone or changed.
#include <gtest/gtest.h>

#include "core/rooms/stage.hpp"
#include "store/memory.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;

class Restore : public ::testing::Test {
 protected:
  // One run of a server, with these of the fixtures as plugins.
  struct Run {
    Run(store::Store& store, std::vector<std::string> plugins) : stage(store, 1, configured(environment(std::move(plugins)))) {}

    static config::Environment environment(std::vector<std::string> plugins) {
      config::Environment environment{{"HUBBUB_PLUGINS__PROBE", "{enabled: false}"}, {"HUBBUB_ROOMS__GRACE", "1ms"}};
      for (const auto& plugin : plugins) environment["HUBBUB_PLUGINS__" + plugin] = "{}";
      return environment;
    }

    void say(const std::string& type, const Json& content) {
      Actor john{stage, "john"};
      john.send(type, content);
      EXPECT_EQ(john.take("error").size(), 0U);
    }
    void close() { stage.advance(10s); }  // long enough for an empty room

    Stage stage;
  };

  Json state_told_by(Run& run) {
    Actor somebody{run.stage, "somebody"};
    run.stage.run();
    const auto answers = somebody.take("answer");
    return answers.empty() ? Json{"the room is not open"} : answers.front()["content"];
  }

  void put(const store::Snapshot& snapshot) { store.log("general", {})->put(snapshot); }

  store::MemoryStore store{{1, 1}, 10};  // keeps nothing that a snapshot covers
};

TEST_F(Restore, goes_by_the_log_where_a_snapshot_cannot_be_used_and_the_log_reaches_back) {
  store::MemoryStore patient{{}, 10};
  {
    Run run{patient, {"PROBE"}};
    for (int i = 0; i < 3; ++i) run.say("note", i);
  }
  patient.log("general", {})->put({2, R"({"probe":"not what it makes"})"});
  Run run{patient, {"PROBE"}};
  EXPECT_EQ(state_told_by(run), (Json{0, 1, 2}));
}

TEST_F(Restore, goes_by_the_log_where_a_snapshot_cannot_even_be_read_and_replaces_it) {
  for (const auto& [seq, state] : std::vector<store::Snapshot>{{2, ""}, {2, "{"}, {2, "[]"}, {2, "{\"probe\":\xFF}"}, {7, "{}"}}) {
    store::MemoryStore patient{{}, 10};
    {
      Run run{patient, {"PROBE"}};
      for (int i = 0; i < 3; ++i) run.say("note", i);
    }
    patient.log("general", {})->put({seq, state});
    Run run{patient, {"PROBE"}};
    EXPECT_EQ(state_told_by(run), (Json{0, 1, 2})) << state;
    run.close();
    patient.log("general", {})->open([](const auto& opening) { EXPECT_EQ(Json::parse(opening->snapshot->state), (Json{{"probe", {0, 1, 2}}})); });
  }
}

TEST_F(Restore, stays_closed_and_leaves_everything_where_neither_snapshot_nor_log_can_tell) {
  {
    Run run{store, {"PROBE"}};
    for (int i = 0; i < 3; ++i) run.say("note", i);
  }
  put({3, R"({"probe":"not what it makes"})"});
  {
    Run run{store, {"PROBE"}};
    EXPECT_EQ(state_told_by(run), Json{"the room is not open"});
    run.close();
  }
  std::optional<store::Opening> opening;
  store.log("general", {})->open([&](auto found) { opening = found; });
  EXPECT_EQ(opening->last, 3U);
  EXPECT_EQ(opening->snapshot->state, R"({"probe":"not what it makes"})");
}

TEST_F(Restore, keeps_the_state_of_a_plugin_that_is_not_there_for_when_it_comes_back) {
  {
    Run run{store, {"PROBE"}};
    run.say("note", "kept");
    run.close();
  }
  {
    Run without{store, {"CLAIMS_MESSAGE"}};
    without.say("message", "hello");
    without.close();
  }
  Run run{store, {"PROBE", "CLAIMS_MESSAGE"}};
  EXPECT_EQ(state_told_by(run), Json{"kept"});
}

TEST_F(Restore, keeps_in_the_log_what_a_plugin_that_is_not_there_has_no_state_of_yet) {
  {
    Run killed{store, {"PROBE"}};  // it never came to a snapshot
    killed.say("note", "kept");
  }
  {
    Run without{store, {"CLAIMS_MESSAGE"}};
    without.say("message", "hello");
    without.close();
  }
  Run run{store, {"PROBE", "CLAIMS_MESSAGE"}};
  EXPECT_EQ(state_told_by(run), Json{"kept"});
}

}  // namespace
}  // namespace hubbub::rooms

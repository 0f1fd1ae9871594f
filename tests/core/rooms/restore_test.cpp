// How a room comes by its state when it is opened: from a snapshot, from the log, with plugins that have come, gone or changed.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <utility>

#include "core/log_lines.hpp"
#include "core/rooms/stage.hpp"
#include "store/memory.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;

class Restore : public ::testing::Test {
 protected:
  // One run of a server, with these of the fixtures as plugins.
  struct Run {
    Run(store::Store& store, std::vector<std::string> plugins) : Run(configured(environment(std::move(plugins))), store) {}
    Run(config::Config config, store::Store& store) : stage(store, 1, std::move(config)) {}

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
    return answers.empty() ? Json{"nothing"} : answers.front()["content"];
  }

  void put(const store::Snapshot& snapshot) { store.log("general", {})->put(snapshot); }

  store::MemoryStore store{{1, 1}, 10};  // keeps nothing that a snapshot covers
};

TEST_F(Restore, goes_by_the_log_where_a_snapshot_cannot_be_used_and_the_log_reaches_back_and_replaces_it) {
  for (const std::uint64_t covered : {0U, 1U, 2U, 3U}) {
    SCOPED_TRACE(covered);
    store::MemoryStore patient{{}, 10};
    {
      Run run{patient, {"PROBE"}};
      for (int i = 0; i < 3; ++i) run.say("note", i);
    }
    patient.log("general", {})->put({covered, R"({"probe":"not what it makes"})"});
    Run run{patient, {"PROBE"}};
    EXPECT_EQ(state_told_by(run), (Json{0, 1, 2}));
    run.close();
    patient.log("general", {})->open([](const auto& opening) {
      EXPECT_EQ(opening->snapshot->seq, 3U);
      EXPECT_EQ(opening->snapshot->state, R"({"probe":[0,1,2]})");
    });
  }
}

// Of the others nothing is played that their part of the snapshot stands for.
TEST_F(Restore, goes_by_the_log_for_that_plugin_alone_of_which_the_snapshot_cannot_be_used) {
  store::MemoryStore patient{{}, 10};
  {
    Run run{patient, {"PROBE", "TALLY"}};
    run.say("note", 1);
    run.say("word", "apple");
    run.say("note", 2);
    run.say("word", "pear");
  }
  patient.log("general", {})->put({3, R"({"probe":"not what it makes","tally":{"apple":7}})"});
  Run run{patient, {"PROBE", "TALLY"}};
  EXPECT_EQ(state_told_by(run), (Json{1, 2}));
  Actor john{run.stage, "john"};
  EXPECT_EQ(john.take("tally").at(0)["content"], (Json{{"apple", 7}, {"pear", 1}}));
}

// What was half restored is not played on.
TEST_F(Restore, begins_with_a_new_object_where_one_failed_to_restore_a_snapshot) {
  store::MemoryStore patient{{}, 10};
  {
    Run run{patient, {"MAKER"}};
    run.say("make", {{"in", "nowhere"}, {"what", 1}});
  }
  patient.log("general", {})->put({1, R"({"maker":{"seen":["half of it"]}})"});
  Run run{patient, {"MAKER"}};
  Actor john{run.stage, "john"};
  john.send("seen", nullptr);
  const auto seen = john.take("seen").at(0)["content"];
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_NE(seen[0], "half of it");
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
    run.stage.home().enter([&] {
      patient.log("general", {})->open([](const auto& opening) { EXPECT_EQ(Json::parse(opening->snapshot->state), (Json{{"probe", {0, 1, 2}}})); });
    });
  }
}

TEST_F(Restore, puts_out_what_neither_snapshot_nor_log_can_tell_and_leaves_everything) {
  {
    Run run{store, {"PROBE"}};
    for (int i = 0; i < 3; ++i) run.say("note", i);
  }
  put({3, R"({"probe":"not what it makes"})"});
  {
    Run run{store, {"PROBE"}};
    EXPECT_EQ(state_told_by(run), Json{"nothing"});
    run.close();
  }
  std::optional<store::Opening> opening;
  store.log("general", {})->open([&](auto found) { opening = found; });
  EXPECT_EQ(opening->last, 3U);
  EXPECT_EQ(opening->snapshot->state, R"({"probe":"not what it makes"})");
}

// The messages behind the last one count from there, whatever came in between.
TEST_F(Restore, keeps_a_snapshot_after_so_many_messages_however_often_the_server_was_killed_meanwhile) {
  auto environment = Run::environment({"PROBE"});
  environment["HUBBUB_STORE__SNAPSHOT_EVERY"] = "4";
  const auto covered = [](Stage& stage) {
    std::uint64_t seq = 0;
    stage.home().enter([&] {
      stage.world.store.log("general", {})->open([&](const auto& opening) { seq = opening->snapshot ? opening->snapshot->seq : 0; });
    });
    return seq;
  };
  for (unsigned kills = 0; kills < 1U << 9U; kills += 3) {  // behind which of nine messages
    SCOPED_TRACE(kills);
    store::MemoryStore patient{{}, 10};
    std::optional<Run> run{std::in_place, configured(environment), patient};
    for (unsigned i = 0; i < 9; ++i) {
      run->say("note", i);
      EXPECT_EQ(covered(run->stage), (i + 1) / 4 * 4);
      if ((kills >> i & 1U) != 0) run.emplace(configured(environment), patient);
    }
  }
}

// The next build of the tally cannot use what this one has counted.
class OutOfOrder : public Restore {
 protected:
  static config::Config with_tally(bool next) {
    auto config = configured(Run::environment({"PROBE", "TALLY", "MOODY"}));
    for (auto& section : config.plugins.enabled) {
      if (next && section.name == "tally") section.library = HUBBUB_FIXTURE_DIR "/tally_next.so";
    }
    return config;
  }
  struct Tallied : Run {
    Tallied(store::Store& store, bool next) : Run(with_tally(next), store) {}
  };

  static Json answer(Actor& actor, const std::string& type, const Json& content) {
    static int ref = 0;
    actor.inbox.messages.clear();
    actor.send(type, content, ++ref);
    for (const auto& message : actor.inbox.messages) {
      if (message.value("ref", Json{}) == ref) return message;
    }
    return {};
  }
};

TEST_F(OutOfOrder, is_that_plugin_alone_until_a_build_comes_that_can_use_its_state) {
  {
    Tallied run{store, false};
    for (const char* word : {"relic", "apple"}) run.say("word", word);
    run.say("note", "kept");
    run.close();
  }
  LogLines log;
  Tallied run{store, true};
  Actor john{run.stage, "john"};
  EXPECT_EQ(john.take("answer").at(0)["content"], Json{"kept"});
  EXPECT_EQ(john.count("tally"), 0U);
  EXPECT_EQ(john.take("welcome").at(0)["content"]["seq"], 3);
  const auto refusal = answer(john, "word", "apple");
  EXPECT_EQ(refusal["code"], "unavailable");
  EXPECT_EQ(refusal["content"], "tally is out of order in this room: it cannot use its stored state, which is kept; the server's log says why");
  EXPECT_EQ(answer(john, "note", "more")["seq"], 4);
  EXPECT_EQ(answer(john, "note", "throw in apply")["code"], "internal") << "and the room is opened again";
  EXPECT_EQ(answer(john, "note", "still")["seq"], 5);
  const auto lines = log.take("plugin=tally");
  ASSERT_EQ(lines.size(), 1U) << "it is said once";
  EXPECT_TRUE(lines[0].ends_with("relics are of another time")) << lines[0];

  const auto fixed = std::make_shared<const plugins::Registry>(with_tally(false).plugins);
  run.stage.home().enter([&] { run.stage.hub.use(fixed); });
  EXPECT_EQ(john.take("tally").at(0)["content"], (Json{{"apple", 1}, {"relic", 1}})) << "who is there is greeted";
  EXPECT_EQ(answer(john, "word", "apple")["seq"], 6);
}

TEST_F(OutOfOrder, keeps_what_it_has_in_snapshots_and_in_the_log) {
  {
    Tallied run{store, false};
    run.say("word", "relic");
    run.close();
  }
  {
    Tallied killed{store, false};
    killed.say("word", "apple");
  }
  {
    Tallied run{store, true};
    for (int i = 0; i < 5; ++i) run.say("note", i);
    run.close();
  }
  Tallied run{store, false};
  Actor john{run.stage, "john"};
  EXPECT_EQ(john.take("tally").at(0)["content"], (Json{{"apple", 1}, {"relic", 1}}));
  EXPECT_EQ(john.take("answer").at(0)["content"], (Json{0, 1, 2, 3, 4}));
}

TEST_F(OutOfOrder, is_a_plugin_that_cannot_even_be_made) {
  {
    Tallied run{store, false};
    run.say("mood", "good");
    run.close();
  }
  Tallied run{store, false};
  setenv("MOODY", "yes", 1);
  Actor john{run.stage, "john"};
  EXPECT_EQ(answer(john, "mood", "good")["code"], "unavailable");
  EXPECT_EQ(answer(john, "note", "kept")["seq"], 2);
  john.leave();
  run.close();
  unsetenv("MOODY");
  Actor jane{run.stage, "jane"};
  EXPECT_EQ(jane.take("moods").at(0)["content"], 1);
  EXPECT_EQ(answer(jane, "mood", "good")["seq"], 3);
}

TEST_F(OutOfOrder, is_one_that_cannot_be_made_when_it_is_first_needed) {
  Tallied run{store, false};
  Actor john{run.stage, "john"};
  const std::string epoch = john.take("welcome").at(0)["content"]["epoch"];
  EXPECT_EQ(answer(john, "note", "kept")["seq"], 1);
  john.leave();
  run.close();
  setenv("MOODY", "yes", 1);
  Actor back{run.stage, "john", 0, JoinRequest::Position{epoch, 1}};  // who resumes gets no greeting, which would need it
  EXPECT_EQ(answer(back, "mood", "good")["code"], "unavailable");
  unsetenv("MOODY");
  EXPECT_EQ(answer(back, "mood", "good")["code"], "unavailable") << "as long as the room is open";
  EXPECT_EQ(answer(back, "note", "kept")["seq"], 2);
  back.leave();
  run.close();
  Actor jane{run.stage, "jane"};
  EXPECT_EQ(answer(jane, "mood", "good")["seq"], 3);
}

TEST_F(OutOfOrder, is_no_plugin_that_nobody_has_asked_for_anything) {
  Tallied run{store, false};
  run.say("note", "kept");
  run.close();
  store.log("general", {})->open([](const auto& opening) {
    EXPECT_EQ(opening->snapshot->state, R"({"probe":["kept"]})") << "of the others there is nothing to keep";
  });
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

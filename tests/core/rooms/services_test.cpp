// A service in a server: when it starts, wakes and stops, and what becomes of one that fails.
#include "rooms/services.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/log_lines.hpp"
#include "core/rooms/stage.hpp"
#include "store/memory.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct ServicesTest : ::testing::Test {
  static std::shared_ptr<const plugins::Registry> with(const std::string& options) {
    return std::make_shared<const plugins::Registry>(configured({{"HUBBUB_PLUGINS__CLERK", options}}).plugins);
  }
  void use(const std::string& options) {
    shard.enter([&] { services->use(with(options)); });
  }
  std::vector<std::string> said() { return log.take("plugin=clerk"); }

  LogLines log;
  store::MemoryStore store{{}, 10};
  Stage stage{store, 1};
  ManualShard shard;  // the outside shard
  std::optional<Services> services{std::in_place, shard, stage.world};
};

TEST_F(ServicesTest, start_wake_at_their_times_and_stop) {
  use("{}");
  EXPECT_THAT(said(), ElementsAre("plugin=clerk clerk starts"));
  shard.advance(999ms);
  EXPECT_THAT(said(), IsEmpty());
  shard.advance(1ms);
  EXPECT_THAT(said(), ElementsAre("plugin=clerk clerk wakes: nobody is here"));
  {
    const Actor jane{stage, "Jane"}, bob{stage, "Bob"};
    shard.advance(1s);
    EXPECT_THAT(said(), ElementsAre("plugin=clerk clerk wakes: 2 in general"));
  }
  shard.enter([&] { services->stop(); });
  EXPECT_THAT(said(), ElementsAre("plugin=clerk clerk stops"));
  shard.advance(1h);
  EXPECT_THAT(said(), IsEmpty());
}

TEST_F(ServicesTest, go_on_after_a_reload_that_changes_nothing_of_them_and_are_made_anew_by_another) {
  use("{}");
  said();
  use("{}");
  EXPECT_THAT(said(), IsEmpty());
  use(R"({"title":"scribe"})");
  EXPECT_THAT(said(), ElementsAre("plugin=clerk clerk stops", "plugin=clerk scribe starts"));
  shard.advance(1s);
  EXPECT_THAT(said(), ElementsAre("plugin=clerk scribe wakes: nobody is here"));
  shard.enter([&] { services->use(stage.registry); });
  EXPECT_THAT(said(), ElementsAre("plugin=clerk scribe stops")) << "the configuration has it no more";
}

TEST_F(ServicesTest, are_made_anew_when_their_library_or_a_file_that_they_name_is_another) {
  namespace fs = std::filesystem;
  std::string name = (fs::temp_directory_path() / "hubbub-services-XXXXXX").string();
  const fs::path folder = ::mkdtemp(name.data());
  for (const auto* plugin : {"clerk.so", "probe.so"}) fs::copy(fs::path{HUBBUB_FIXTURE_DIR} / plugin, folder / plugin);
  const auto use_those = [&] {
    const auto options = Json{{"notes", {(folder / "notes").string()}}}.dump();
    const auto config = configured({{"HUBBUB_PLUGINS__CLERK", options}, {"HUBBUB_PLUGINS__DIRECTORY", folder}});
    shard.enter([&] { services->use(std::make_shared<const plugins::Registry>(config.plugins)); });
  };
  std::ofstream{folder / "notes"} << "one";
  use_those();
  use_those();
  EXPECT_THAT(said(), ElementsAre("plugin=clerk clerk starts"));
  std::ofstream{folder / "notes"} << "two";
  use_those();
  EXPECT_THAT(said(), ElementsAre("plugin=clerk clerk stops", "plugin=clerk clerk starts"));
  std::ofstream{folder / "clerk.so", std::ios::binary | std::ios::app} << folder;  // another build
  use_those();
  EXPECT_THAT(said(), ElementsAre("plugin=clerk clerk stops", "plugin=clerk clerk starts"));
  fs::remove_all(folder);
}

TEST_F(ServicesTest, that_fail_to_start_are_tried_again_in_a_minute) {
  use(R"({"in":"start"})");
  EXPECT_THAT(said(), ElementsAre("plugin=clerk start failed: as it was told; it is tried again in a minute"));
  shard.advance(59s);
  EXPECT_THAT(said(), IsEmpty());
  shard.advance(1s);
  EXPECT_THAT(said(), ElementsAre("plugin=clerk start failed: as it was told; it is tried again in a minute"));
  use("{}");
  EXPECT_THAT(said(), ElementsAre("plugin=clerk clerk starts")) << "what never started is not stopped";
}

TEST_F(ServicesTest, whose_timer_fails_are_woken_again_in_a_minute) {
  use(R"({"in":"on_timer"})");
  said();
  shard.advance(1s);
  EXPECT_THAT(said(), ElementsAre("plugin=clerk on_timer failed: as it was told; it is tried again in a minute"));
  shard.advance(59s);
  EXPECT_THAT(said(), IsEmpty());
  shard.advance(1s);
  EXPECT_THAT(said(), ElementsAre("plugin=clerk on_timer failed: as it was told; it is tried again in a minute"));
}

TEST_F(ServicesTest, that_fail_to_stop_are_gone_all_the_same) {
  use(R"({"in":"stop"})");
  said();
  use("{}");
  EXPECT_THAT(said(), ElementsAre("plugin=clerk stop failed: as it was told", "plugin=clerk clerk starts"));
}

TEST_F(ServicesTest, are_woken_every_ten_milliseconds_at_most) {
  use(R"({"every":"0ms"})");
  said();
  shard.advance(100ms);
  EXPECT_EQ(said().size(), 10U);
}

TEST_F(ServicesTest, are_refused_with_what_is_wrong_with_their_options) {
  const auto refusal = [](const std::string& options) -> std::string {
    try {
      with(options);
      return "nothing is wrong";
    } catch (const config::Error& error) {
      return error.what();
    }
  };
  EXPECT_THAT(refusal(R"({"titel":"scribe"})"), ::testing::HasSubstr("unknown option; did you mean \"title\"?"));
  EXPECT_THAT(refusal(R"({"in":"its constructor"})"), ::testing::HasSubstr("plugins.clerk: its constructor failed: as it was told"));
}

}  // namespace
}  // namespace hubbub::rooms

// What the documents show, run as it stands there.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <hubbub/testing.hpp>
#include <iterator>

namespace {

namespace fs = std::filesystem;
using hubbub::testing::Json;
using hubbub::testing::Room;

const fs::path source = HUBBUB_SOURCE_DIR;

TEST(Readme, the_dice_roll) {
  for (const auto* name : {"dice", "dice_again"}) {
    Room room{fs::path{HUBBUB_FIXTURE_DIR} / (std::string{name} + ".so")};
    auto& john = room.join("John");
    john.send("dice", {{"sides", 6}});
    const auto rolled = john.next("dice")["content"];
    EXPECT_EQ(rolled["sides"], 6);
    EXPECT_GE(rolled["roll"], 1);
    EXPECT_LE(rolled["roll"], 6);
    john.send("dice", {{"sides", 1}});
    EXPECT_EQ(john.next("error")["content"], "sides must be 2 to 100");
  }
}

TEST(Readme, types_are_checked_paced_and_kept_to_the_server_as_declared) {
  Room room{fs::path{HUBBUB_FIXTURE_DIR} / "board.so", {{"max_rate", 1}}};
  auto& john = room.join("John");
  john.send("stroke", "no");
  EXPECT_EQ(john.next("error")["content"], "content: must be an array");
  john.send("cleared");
  EXPECT_EQ(john.next("error")["code"], "forbidden");
  john.send("pointer", 1);
  john.send("pointer", 2);
  EXPECT_EQ(john.next("pointer")["content"], 1);
  EXPECT_THROW(john.next("pointer"), std::runtime_error);
}

TEST(Readme, a_plugin_is_tested_as_shown) {
  fs::current_path(source);
#include "plugins_README_md_3.inc"
}

// Replays the session of each plugin's README: `>` is sent and `<` is what John, who is alone, gets next.
class Session : public testing::TestWithParam<std::string> {};

TEST_P(Session, of_the_plugins_readme_goes_as_shown) {
  std::ifstream file{source / "plugins" / GetParam() / "README.md"};
  Room room{fs::path{HUBBUB_PLUGIN_DIR} / (GetParam() + ".so")};
  auto& john = room.join("John");
  room.advance(std::chrono::seconds{1});
  john.take();
  std::vector<Json> arrived;
  bool inside = false;
  std::size_t lines = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("```")) inside = line == "```session";
    if (!inside || line.starts_with("```")) continue;
    ++lines;
    if (line.starts_with("> ")) {
      john.send_text(line.substr(2));
      continue;
    }
    ASSERT_TRUE(line.starts_with("< ")) << line;
    for (auto& message : john.take()) arrived.push_back(std::move(message));
    ASSERT_FALSE(arrived.empty()) << "nothing came where the README shows " << line;
    auto message = arrived.front();
    arrived.erase(arrived.begin());
    message.erase("ts");
    EXPECT_EQ(message, Json::parse(line.substr(2)));
  }
  EXPECT_GT(lines, 0U) << "the README shows no session";
}

std::vector<std::string> bundled() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator{source / "plugins"}) {
    if (fs::exists(entry.path() / "CMakeLists.txt")) names.push_back(entry.path().filename().string());
  }
  return names;
}

INSTANTIATE_TEST_SUITE_P(Plugin, Session, testing::ValuesIn(bundled()), [](const auto& plugin) { return plugin.param; });

}  // namespace

// What the documents show, run as it stands there.
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <hubbub/testing.hpp>

#include "plugins/every_plugin.hpp"

namespace {

namespace fs = std::filesystem;
using hubbub::testing::Json;
using hubbub::testing::Room;

const fs::path source = HUBBUB_SOURCE_DIR;

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

TEST(Readme, the_state_is_looked_at_as_shown) {
  fs::current_path(source);
#include "plugins_README_md_4.inc"
}

// Replays the session of each plugin's README: `>` is sent and `<` is what John, who is alone, gets next; `…` is any value.
class Session : public testing::TestWithParam<std::pair<const std::string, fs::path>> {};

Json read_shown(std::string text, const Json& message) {
  for (std::size_t at = 0; (at = text.find(":…", at)) != text.npos;) text.replace(at, std::strlen(":…"), ":\"…\"");
  auto shown = Json::parse(text);
  const auto values = shown.flatten();
  for (const auto& [place, value] : values.items()) {
    const Json::json_pointer pointer{place};
    if (value == "…" && message.contains(pointer)) shown[pointer] = message[pointer];
  }
  return shown;
}

TEST_P(Session, of_the_plugins_readme_goes_as_shown) {
  const auto& [name, folder] = GetParam();
  std::ifstream file{folder / "README.md"};
  Room room{fs::path{HUBBUB_PLUGIN_DIR} / (name + ".so"), hubbub::testing::options_of(folder)};
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
    EXPECT_EQ(message, read_shown(line.substr(2), message));
  }
  EXPECT_GT(lines, 0U) << "the README shows no session";
}

INSTANTIATE_TEST_SUITE_P(Plugin, Session, testing::ValuesIn(hubbub::testing::every_plugin()),
                         [](const auto& plugin) { return plugin.param.first; });

}  // namespace

#include "replay/replay.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "config/config.hpp"

namespace hubbub::replay {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// A registry of these plugins, each from the library of its name or of another one.
plugins::Registry registry(const std::vector<std::pair<std::string, std::string>>& names) {
  config::Environment environment{{"HUBBUB_PLUGINS__DIRECTORY", HUBBUB_FIXTURE_DIR}};
  for (const auto& [name, library] : names) environment["HUBBUB_PLUGINS__" + name] = "{}";
  auto config = config::load({}, environment).plugins;
  for (auto& section : config.enabled) {
    for (const auto& [name, library] : names) {
      if (name == section.name && !library.empty()) section.library = std::string{HUBBUB_FIXTURE_DIR "/"} + library + ".so";
    }
  }
  return plugins::Registry{config};
}

// Messages of a room's members, logged from number `first` on, one per second; and a snapshot.
struct Said {
  std::string plugin, type;
  Json content;
};
store::RecordedRoom room(std::uint64_t first, const std::vector<Said>& messages, std::optional<std::uint64_t> covered = {}, const Json& state = {}) {
  std::stringstream lines;
  lines << Json{{"room", "garden"}, {"epoch", "e"}, {"first", first}}.dump() << '\n';
  auto seq = first;
  for (const auto& [plugin, type, content] : messages) {
    const Json message = {{"type", type}, {"content", content}, {"id", "jane"}, {"nickname", "Jane"}, {"seq", seq}, {"ts", 1000 * seq}};
    lines << Json{{"room", "garden"}, {"seq", seq}, {"plugin", plugin}, {"version", "1"}, {"message", message}}.dump() << '\n';
    ++seq;
  }
  if (covered) lines << Json{{"room", "garden"}, {"snapshot", *covered}, {"state", state}}.dump() << '\n';
  return store::read_recorded(lines, "given", "");
}

Said word(const std::string& text) { return {"tally", "word", text}; }

const std::vector<Said> pears = {word("pear"), word("pear"), word("pear")};

TEST(Check, finds_nothing_if_snapshot_and_rest_equal_the_whole_log) {
  for (std::uint64_t covered = 0; covered <= 3; ++covered) {
    const Json counts = covered == 0 ? Json::object() : Json{{"pear", covered}};
    const auto right = check(registry({{"tally", ""}}), room(1, pears, covered, {{"tally", counts}}));
    EXPECT_TRUE(right.clean) << right.text;
    EXPECT_THAT(right.text, HasSubstr("nothing is wrong"));
    const auto wrong = check(registry({{"tally", ""}}), room(1, pears, covered, {{"tally", {{"pear", covered + 1}}}}));
    EXPECT_FALSE(wrong.clean);
    EXPECT_THAT(wrong.text, HasSubstr("state.pear\n  - 4\n  + 3\n")) << covered;
  }
}

TEST(Tell, of_a_service_has_nothing_to_say) {
  try {
    tell(registry({{"tally", ""}, {"clerk", ""}}), {"clerk"}, room(1, pears));
    ADD_FAILURE() << "it said something";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "clerk is a service: it does not use a room's log");
  }
}

TEST(Check, is_clean_only_if_every_plugin_is) {
  const Said forgotten{"forgetful", "forgotten", nullptr};
  for (const auto& names : {std::vector<std::pair<std::string, std::string>>{{"forgetful", ""}, {"tally", ""}}, {{"forgetful", ""}}}) {
    EXPECT_FALSE(check(registry(names), room(1, {forgotten, word("pear")})).clean);
  }
  EXPECT_TRUE(check(registry({{"tally", ""}}), room(1, {forgotten, word("pear")})).clean);
}

TEST(Check, reports_messages_that_the_log_has_forgotten) {
  const auto report = check(registry({{"tally", ""}}), room(3, {word("pear")}, 2, {{"tally", {{"apple", 2}}}}));
  EXPECT_THAT(report.text, AllOf(HasSubstr("messages 3 to 3, snapshot at 2"), HasSubstr("before 3: the replay begins at the snapshot")));
  EXPECT_TRUE(report.clean) << report.text;
}

TEST(Tell, uses_the_log_if_a_snapshot_cannot_be_used_and_says_so) {
  const auto told = tell(registry({{"tally", "tally_next"}}), {"tally"}, room(1, pears, 2, {{"tally", {{"relic", 1}}}}));
  EXPECT_FALSE(told.clean);
  const auto json = Json::parse(told.text);
  EXPECT_EQ(json["state"], Json({{"pear", 3}}));
  EXPECT_EQ(json["failures"], Json({"restore of the snapshot at 2 failed: relics are of another time"}));
  EXPECT_EQ(json["seq"], 3);
}

// Nothing remains of a snapshot whose restore failed half-way.
TEST(Tell, begins_the_log_with_a_new_object_after_a_failed_restore) {
  const Said made{"maker", "make", {{"in", "nowhere"}, {"what", 1}}};
  const auto recorded = room(1, {made, made}, 1, {{"maker", {{"seen", {"half of it"}}}}});
  const auto maker = registry({{"maker", ""}});
  const auto json = Json::parse(tell(maker, {"maker"}, recorded).text);
  EXPECT_EQ(json["failures"].size(), 1U);
  EXPECT_EQ(json["state"]["seen"].size(), 2U);
  EXPECT_THAT(json["state"]["seen"].dump(), Not(HasSubstr("half of it")));
  const auto report = check(maker, recorded);
  EXPECT_FALSE(report.clean);
  EXPECT_THAT(report.text, Not(HasSubstr("half of it")));
}

TEST(Tell, begins_at_the_snapshot_and_continues_after_it) {
  const auto json = Json::parse(tell(registry({{"tally", ""}}), {"tally"}, room(3, pears, 3, {{"tally", {{"apple", 2}, {"pear", 1}}}})).text);
  EXPECT_EQ(json["state"], Json({{"apple", 2}, {"pear", 3}}));
  EXPECT_EQ(json["greeting"][0]["content"], json["state"]);
}

// A plugin in Lua, which exists during the test.
class Script {
 public:
  explicit Script(const std::string& lua)
      : folder_(std::filesystem::temp_directory_path() / ("hubbub-replay-" + std::to_string(std::random_device{}()))) {
    std::filesystem::create_directory(folder_);
    const auto file = folder_ / "written.lua";
    std::ofstream{file} << lua;
    registry.emplace(config::load({}, {{"HUBBUB_PLUGINS__SCRIPT", Json{{"files", {file.string()}}}.dump()}}).plugins);
  }
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;
  ~Script() { std::filesystem::remove_all(folder_); }

  std::optional<plugins::Registry> registry;

 private:
  const std::filesystem::path folder_;
};

TEST(Tell, is_clean_only_if_every_plugin_is) {
  const auto plugins = registry({{"tally", "tally_next"}, {"probe", ""}});
  for (const auto& names : {std::vector<std::string>{"tally", "probe"}, {"probe", "tally"}}) {
    EXPECT_FALSE(tell(plugins, names, room(1, {word("poison")})).clean) << names[0];
    EXPECT_TRUE(tell(plugins, names, room(1, pears)).clean) << names[0];
  }
}

TEST(Tell, greets_at_the_time_of_the_last_message) {
  const Script script{R"(logged("said") ephemeral("now", {from_server = true})
    function greet(newcomer, greeting) greeting.send({type = "now", content = room.unix_ms()}) end)"};
  const Said said{"script", "said", 1};
  const auto json = Json::parse(tell(*script.registry, {"script"}, room(1, {said, said, said})).text);
  EXPECT_EQ(json["greeting"][0]["content"], 3000);
  const auto others_last = Json::parse(tell(*script.registry, {"script"}, room(1, {said, said, word("of another plugin")})).text);
  EXPECT_EQ(others_last["greeting"][0]["content"], 3000) << "the room's, not the plugin's own";
}

Report compared(const store::RecordedRoom& recorded) {
  return compare(registry({{"tally", ""}}), registry({{"tally", "tally_next"}}), {"tally"}, recorded);
}

TEST(Compare, reports_differences_and_how_many_it_omits) {
  EXPECT_TRUE(compared(room(1, pears)).clean);
  std::vector<Said> loud;
  for (const char letter : std::string{"ABCDEFGHIJKLMNO"}) loud.push_back(word(std::string{letter} + "a"));
  const auto report = compared(room(1, loud));
  EXPECT_FALSE(report.clean);
  EXPECT_THAT(report.text, AllOf(HasSubstr("state.Aa\n  - 1\n"), HasSubstr("… and 40 more\n"), Not(HasSubstr("greeting"))));  // of 60
}

TEST(Compare, is_clean_only_if_every_plugin_is) {
  const auto before = registry({{"tally", ""}, {"probe", ""}}), after = registry({{"tally", "tally_next"}, {"probe", ""}});
  for (const auto& names : {std::vector<std::string>{"tally", "probe"}, {"probe", "tally"}}) {
    EXPECT_FALSE(compare(before, after, names, room(1, {word("Aa"), {"probe", "note", 1}})).clean) << names[0];
    EXPECT_TRUE(compare(before, before, names, room(1, {word("Aa"), {"probe", "note", 1}})).clean) << names[0];
  }
}

TEST(Compare, reports_differences_in_the_result_of_the_whole_log_alone) {
  const auto report = compared(room(1, {word("Aa")}, 1, {{"tally", {{"Aa", 1}}}}));
  EXPECT_FALSE(report.clean);
  EXPECT_THAT(report.text, AllOf(HasSubstr("from the whole log"), HasSubstr("state.Aa\n  - 1\n"), HasSubstr("state.aa\n  + 1\n")));
}

TEST(Compare, repeats_only_messages_after_the_snapshot) {
  const std::vector<Said> said = {word("short"), word("a longer word"), word("short"), word("another longer word")};
  EXPECT_THAT(compared(room(1, said)).text, AllOf(HasSubstr("message 2\n  - accepted\n  + refused"), HasSubstr("message 4\n")));
  const Json state = {{"tally", {{"short", 1}, {"a longer word", 1}}}};
  EXPECT_THAT(compared(room(2, {said.begin() + 1, said.end()}, 2, state)).text, AllOf(Not(HasSubstr("message 2\n")), HasSubstr("message 4\n")));
}

TEST(Compare, repeats_each_message_at_its_time) {
  const auto poll = registry({{"poll", ""}});
  const auto poll_at = [](std::uint64_t seq) {
    return Said{"poll", "poll", {{"question", "?"}, {"choices", {"yes", "no"}}, {"ends", 1000 * seq + 60'000}}};
  };
  const Said closed{"poll", "poll_closed", {{"question", "?"}, {"votes", {0, 0}}}};
  const auto report = compare(poll, poll, {"poll"}, room(1, {poll_at(1), closed, poll_at(3)}));
  EXPECT_TRUE(report.clean) << report.text;
  EXPECT_THAT(report.text, HasSubstr("not compared: 1 message that neither build accepts")) << "the one that no member could send";
}

// Three builds: one broadcasts a message unchanged, one adds a constant, and one adds something random.
TEST(Compare, does_not_report_types_that_are_random_in_either_build) {
  const auto script = [](const std::string& adds) {
    return std::make_unique<Script>(R"(logged("throw") logged("said")
      function on_message(sender, message)
        if message.type == "throw" then message.content.adds = )" + adds + R"( end
        broadcast(message)
      end)");
  };
  const auto plain = script("message.content.adds"), steady = script("7"), chance = script("math.random(1000000)");
  const Json thrown = {{"of", 1}};
  const std::vector<Said> said = {{"script", "throw", thrown}, {"script", "said", 1}, {"script", "throw", thrown}};
  const auto report = [&](const auto& before, const auto& after) {
    return compare(*before->registry, *after->registry, {"script"}, room(1, said));
  };
  EXPECT_TRUE(report(plain, plain).clean);
  const auto differs = report(plain, steady);
  EXPECT_FALSE(differs.clean);
  EXPECT_THAT(differs.text, AllOf(HasSubstr("message 1"), Not(HasSubstr("message 2")), HasSubstr("message 3")));
  for (const auto* before : {&plain, &steady, &chance}) {
    for (const auto* after : {&plain, &steady, &chance}) {
      if (before != &chance && after != &chance) continue;
      const auto same = report(*before, *after);
      EXPECT_TRUE(same.clean) << same.text;
      EXPECT_THAT(same.text, Not(HasSubstr("message 1")));
    }
  }
}

}  // namespace
}  // namespace hubbub::replay

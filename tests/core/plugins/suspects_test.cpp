#include "plugins/suspects.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <ctime>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/log_lines.hpp"

namespace hubbub::plugins {
namespace {

namespace fs = std::filesystem;

// One message, with one part of it that may be changed.
struct Said {
  std::string build = "b1", room = "general", sender = "jane", ref = "7", type = "message";
  std::uint64_t asked = 42;
};

struct SuspectsTest : ::testing::Test {
  SuspectsTest() {
    std::string name = (fs::temp_directory_path() / "hubbub-suspects-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    file = folder / "hubbub.db.crash";
  }
  ~SuspectsTest() override { fs::remove_all(folder); }

  // As a process that starts now, and ends in a plugin while it works on these.
  void end_in(const std::vector<Said>& all) const {
    const SuspectsFile kept{file, Suspects{file, now}};
    for (const auto& said : all) note_suspect("chat", said.build, said.room, said.sender, said.ref, said.type, said.asked);
  }
  bool holds(const Said& said, std::int64_t later = 0) const {
    return Suspects{file, now}.hold(said.build, said.room, said.sender, said.ref, said.type, said.asked, now + later);
  }
  std::size_t count(std::int64_t later = 0) const { return Suspects{file, now + later}.all().size(); }

  const std::int64_t now = std::time(nullptr);
  fs::path folder, file;
};

TEST_F(SuspectsTest, are_held_as_themselves_and_as_nothing_else) {
  EXPECT_TRUE(Suspects(file, now).empty());
  end_in({{}});
  EXPECT_TRUE(holds({}));
  EXPECT_FALSE(holds({.build = "b2"}));
  EXPECT_FALSE(holds({.room = "genera"}));
  EXPECT_FALSE(holds({.sender = "janet"}));
  EXPECT_FALSE(holds({.ref = ""}));
  EXPECT_FALSE(holds({.type = "typing"}));
  EXPECT_FALSE(holds({.asked = 43}));
}

TEST_F(SuspectsTest, are_known_by_as_much_of_a_long_name_as_the_file_holds) {
  const std::string longest(255, 'x'), longer(1000, 'x');
  end_in({{.room = longest, .ref = longer}});
  EXPECT_TRUE(holds({.room = longest, .ref = longer}));
  EXPECT_FALSE(holds({.room = longest.substr(1), .ref = longer}));
}

TEST_F(SuspectsTest, are_forgotten_after_ten_minutes_and_by_a_clock_that_was_far_ahead) {
  end_in({{}});
  EXPECT_TRUE(holds({}, 590));
  EXPECT_FALSE(holds({}, 610));
  EXPECT_EQ(count(590), 1U);
  EXPECT_EQ(count(610), 0U);
  EXPECT_EQ(count(-590), 1U);
  EXPECT_EQ(count(-610), 0U);
}

TEST_F(SuspectsTest, of_one_end_are_kept_over_the_next_and_the_newest_sixteen_are) {
  for (int i = 0; i < 20; ++i) end_in({{.ref = std::to_string(i)}});
  EXPECT_EQ(count(), Suspects::most);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(holds({.ref = std::to_string(i)}), i >= 4) << i;
  end_in({});
  EXPECT_EQ(count(), Suspects::most) << "an end without a message forgets none";
}

TEST_F(SuspectsTest, of_several_threads_at_one_end_are_all_kept) {
  end_in({{.ref = "1"}, {.ref = "2"}});
  EXPECT_TRUE(holds({.ref = "1"}) && holds({.ref = "2"}));
}

TEST_F(SuspectsTest, in_a_file_that_is_damaged_are_none_which_is_said) {
  const LogLines log;
  end_in({{.ref = "1"}, {.ref = "2"}});
  std::string whole(fs::file_size(file), 0);
  std::ifstream{file, std::ios::binary}.read(whole.data(), static_cast<std::streamsize>(whole.size()));
  const std::map<std::string, std::function<void(std::string&)>> damages = {
      {"cut short", [](auto& text) { text.pop_back(); }},
      {"longer", [](auto& text) { text += '\0'; }},
      {"another mark", [](auto& text) { text[0] = 'H'; }},
      {"another layout", [](auto& text) { text[7] = '1'; }},
      {"another byte", [](auto& text) { text[100] ^= 1; }},
      {"another byte of the last", [](auto& text) { text[text.size() - 100] ^= 1; }}};
  for (const auto& [name, damage] : damages) {
    auto text = whole;
    damage(text);
    std::ofstream{file, std::ios::binary} << text;
    EXPECT_EQ(count(), 0U) << name;
    const auto* why = name == "another layout" ? "is from another version of hubbub" : "is damaged";
    EXPECT_EQ(log.take(""), std::vector<std::string>{file.string() + " " + why + " and is ignored: if a message ended the server, it is not refused when it comes again"}) << name;
  }
  std::ofstream{file, std::ios::binary} << whole;
  EXPECT_EQ(count(), 2U);
  EXPECT_EQ(log.take("").size(), 0U);
}

TEST_F(SuspectsTest, are_not_written_through_a_link_nor_for_others_to_read) {
  end_in({{}});
  EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  std::ofstream{folder / "target"} << "keep";
  fs::remove(file);
  fs::create_symlink("target", file);
  end_in({{}});
  EXPECT_EQ(fs::file_size(folder / "target"), 4U);
}

// As in a process with two servers: nothing tells whose the message was.
TEST_F(SuspectsTest, are_written_to_every_file_that_is_kept_at_that_time) {
  const auto other = folder / "other.db.crash", gone = folder / "gone.db.crash";
  { const SuspectsFile before{gone, {}}; }
  const SuspectsFile one{file, {}}, two{other, {}};
  note_suspect("chat", "b1", "general", "jane", "7", "message", 42);
  EXPECT_TRUE(Suspects(file, now).hold("b1", "general", "jane", "7", "message", 42, now));
  EXPECT_TRUE(Suspects(other, now).hold("b1", "general", "jane", "7", "message", 42, now));
  EXPECT_FALSE(fs::exists(gone));
}

}  // namespace
}  // namespace hubbub::plugins

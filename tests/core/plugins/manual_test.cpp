// What a plugin is told to take, to somebody who has only the program: as text, word for word.
#include "plugins/manual.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace hubbub::plugins {
namespace {

const std::vector<std::filesystem::path> directories = {HUBBUB_FIXTURE_DIR};

// The plugin as the configuration has it, with these options.
config::PluginSection section(const std::string& name, const std::string& options) {
  return config::load({}, {{"HUBBUB_PLUGINS__DIRECTORY", HUBBUB_FIXTURE_DIR}, {"HUBBUB_PLUGINS__" + name, options}}).plugins.enabled.at(0);
}

// Without its first two lines, which have its version and its file.
std::string without_title(const std::string& text) { return text.substr(text.find('\n', text.find('\n') + 1) + 1); }

const std::string options = R"(  options:
    loud: false       # true or false
    least: 3          # a whole number of at least 1
    share: 0.5        # a number from 0 to 1
    colour: red       # red or green
    pause: 90s        # a time from 1s to 1h such as 90s
    room: 1KiB        # a size from 1B to 1MiB such as 1KiB
    columns: []
    files: []         # a list of names of files
    deeper.word: a b  # text of at most 4096 bytes
)";

TEST(Manual, tells_each_option_with_its_value_and_what_is_allowed_and_each_type_with_all_that_holds_for_it) {
  const auto text = manual(section("VARIED", "{}"), directories);
  EXPECT_EQ(text.substr(0, 7), "varied ");
  EXPECT_EQ(without_title(text), options + R"(
  plain: logged
    content: anything

  slow: logged, at most 0.5 a second from one sender
    content: anything

  once: logged, at most 1 a second from one sender
    content: anything

  all: ephemeral, for each sender only the newest matters, at most 2.5 a second from one sender
    content: a whole number

  theirs: ephemeral, from the server only

  asked: answered to its sender alone, at most 12 a second from one sender
    content: anything

  both: logged, from the server only, at most 0.25 a second from one sender
)");
}

TEST(Manual, names_in_short_what_there_is) {
  EXPECT_EQ(without_title(summary(section("VARIED", "{}"), directories)), "  types: plain, slow, once, all, theirs, asked, both\n" + options);
}

TEST(Manual, tells_what_is_set_and_what_it_would_be_otherwise) {
  const auto text = manual(section("VARIED", R"({"loud": true, "least": 3, "share": 1, "columns": ["x"], "colour": "green"})"), directories);
  for (const auto* line : {"    loud: true        # true or false; false by default\n", "    least: 3          # a whole number of at least 1\n",
                           "    share: 1          # a number from 0 to 1; 0.5 by default\n", "    colour: green     # red or green; red by default\n",
                           "    columns: [\"x\"]    # [] by default\n"}) {
    EXPECT_NE(text.find(line), text.npos) << line << text;
  }
}

TEST(Manual, of_a_plugin_without_options_says_so) {
  EXPECT_EQ(without_title(summary(section("COUNTER", "{}"), directories)).substr(0, 9), "  types: ");
  EXPECT_NE(manual(section("WITNESS", "{}"), directories).find("\n  options: none\n\n  calls: answered to its sender alone\n"), std::string::npos);
}

TEST(Manual, of_what_cannot_be_used_says_why) {
  EXPECT_THROW(manual({"varried", {.path = "plugins.varried"}}, directories), std::runtime_error);
  EXPECT_THROW(summary({"no_symbol", {.path = "plugins.no_symbol"}}, directories), std::runtime_error);
}

}  // namespace
}  // namespace hubbub::plugins

#include "config/options_reader.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <random>

#include "config/yaml.hpp"

namespace hubbub::config {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

OptionsReader reader_of(std::string_view yaml) {
  const auto tree = std::make_shared<const Tree>(read_yaml(yaml, {.file = "f", .line = 1}));
  return OptionsReader{{.path = "", .node = {tree, &tree->root}, .where = {.file = "f"}}};
}

TEST(OptionsReader, ReturnsTheGivenValueOrTheDefault) {
  OptionsReader in = reader_of("b: true\ni: -3\nd: 2\nt: text\nc: red\ntime: 5m\nsize: 2KiB\nnothing: ~\n");
  Options& options = in;
  EXPECT_TRUE(options.boolean("b", false));
  EXPECT_EQ(options.integer("i", 0, -5), -3);
  EXPECT_EQ(options.number("d", 0.5, 0, 2), 2.0);
  EXPECT_EQ(options.text("t", ""), "text");
  EXPECT_EQ(options.choice("c", "blue", {"red", "blue"}), "red");
  EXPECT_EQ(options.duration("time", 1s, 1s, 1h), 5min);
  EXPECT_EQ(options.size("size", 1, 0, 4096), 2048U);
  EXPECT_EQ(options.integer("nothing", 7, 0), 7);
  EXPECT_EQ(options.integer("absent", 8, 0), 8);
  EXPECT_EQ(options.json("absent_json", {1, 2}), Json::parse("[1, 2]"));
  EXPECT_EQ(in.problems(), Lines{});
}

TEST(OptionsReader, BoundsAreIncluded) {
  OptionsReader in = reader_of("a: 1\nb: 9\nc: 1s\nd: 2s\ne: 1KiB\nf: 0.5\ng: abc");
  EXPECT_EQ(in.integer("a", 5, 1, 9), 1);
  EXPECT_EQ(in.integer("b", 5, 1, 9), 9);
  EXPECT_EQ(in.duration("c", 1500ms, 1s, 2s), 1s);
  EXPECT_EQ(in.duration("d", 1500ms, 1s, 2s), 2s);
  EXPECT_EQ(in.size("e", 0, 0, 1024), 1024U);
  EXPECT_EQ(in.number("f", 1, 0.5, 1), 0.5);
  EXPECT_EQ(in.text("g", "", 3), "abc");
  EXPECT_EQ(in.problems(), Lines{});
}

TEST(OptionsReader, OneStepBeyondABoundIsTheDefaultAndAMistake) {
  OptionsReader in = reader_of("a: 0\nb: 10\nc: 999ms\nd: 2001ms\ne: 1025B\nf: 0.49\ng: abcd\nh: 1.01\ni: 0B\nj: 5.0\n");
  EXPECT_EQ(in.integer("a", 5, 1, 9), 5);
  EXPECT_EQ(in.integer("b", 5, 1, 9), 5);
  EXPECT_EQ(in.duration("c", 1500ms, 1s, 2s), 1500ms);
  EXPECT_EQ(in.duration("d", 1500ms, 1s, 2s), 1500ms);
  EXPECT_EQ(in.size("e", 7, 1, 1024), 7U);
  EXPECT_EQ(in.number("f", 1, 0.5, 1), 1);
  EXPECT_EQ(in.text("g", "x", 3), "x");
  EXPECT_EQ(in.number("h", 0.75, 0.5, 1), 0.75);
  EXPECT_EQ(in.size("i", 7, 1, 1024), 7U);
  EXPECT_EQ(in.integer("j", 6, 1, 9), 6) << "no whole number, as it is written";
  EXPECT_EQ(in.problems().size(), 10U);
}

TEST(OptionsReader, SaysWhatIsAllowedWithoutWordsForNoBound) {
  OptionsReader in = reader_of("a: x\nb: x\nc: x\nd: x\ne: x\nf: x\ng: 1\nh: abcd\ni: x\n");
  in.integer("a", 1, 1);
  in.integer("b", 1, INT64_MIN);
  in.integer("c", 1, INT64_MIN, 9);
  in.number("d", 0.25, 0, 0.5);
  in.duration("e", 1500ms, 1s, std::chrono::milliseconds::max());
  in.size("f", 1536, 0, SIZE_MAX);
  in.text("g", "", 10);
  in.text("h", "", 3);
  in.choice("i", "a", {"a", "b"});
  EXPECT_EQ(
      in.problems(),
      (Lines{"f:1: a: must be a whole number of at least 1, not \"x\"", "f:2: b: must be a whole number, not \"x\"",
             "f:3: c: must be a whole number of at most 9, not \"x\"",
             "f:4: d: must be a number from 0 to 0.5, not \"x\"",
             "f:5: e: must be a time of at least 1s such as 1500ms, not \"x\"",
             "f:6: f: must be a size of at least 0B such as 1536B, not \"x\"",
             "f:7: g: must be text of at most 10 bytes, not 1; put it in quotes",
             "f:8: h: must be text of at most 3 bytes, not \"abcd\"", "f:9: i: must be a or b, not \"x\""}));
}

TEST(OptionsReader, GivesAdviceOnlyIfItHelps) {
  OptionsReader in = reader_of("a: [1]\nb: 42\nc: 9999h\nd: 9 hours\ne: 5TiB\nf: 5 gb\ng: [debug]\nh: false\ni: false\n");
  in.text("a", "");
  in.text("b", "");
  in.duration("c", 1s, 1s, 24h);
  in.duration("d", 1s, 1s, 24h);
  in.size("e", 1, 1, 1024);
  in.size("f", 1, 1, std::size_t{8} << 30);
  in.choice("g", "info", {"debug", "info", "off"});
  in.section("h").boolean("enabled", true);
  in.section("i").boolean("other", true);
  EXPECT_EQ(in.problems(), (Lines{"f:1: a: must be text of at most 4096 bytes, not a list", "f:2: b: must be text of at most 4096 bytes, not 42; put it in quotes",
                                  "f:3: c: must be a time from 1s to 1d such as 1s, not \"9999h\"", "f:4: d: must be a time from 1s to 1d such as 1s, not \"9 hours\"; write 9h",
                                  "f:5: e: must be a size from 1B to 1KiB such as 1B, not \"5TiB\"", "f:6: f: must be a size from 1B to 8GiB such as 1B, not \"5 gb\"; write 5GiB",
                                  "f:7: g: must be one of debug, info or off, not a list", "f:8: h: must be lines of \"name: value\", not false; write h: {enabled: false}",
                                  "f:9: i: must be lines of \"name: value\", not false"}));
}

TEST(OptionsReader, FindsTheEntryThatANoteIsOn) {
  OptionsReader in = reader_of("list:\n  - 1\n  - 2\nmap:\n  a: 1\nword: x\n");
  for (const auto* name : {"list", "map", "word"}) in.json(name, nullptr);
  for (const auto* name : {"list[0]", "list[1]", "list[2]", "map[0]", "map.a", "word[0]", "none[1]"}) in.note(name, "wrong");
  EXPECT_EQ(in.problems(), (Lines{"f: none[1]: wrong", "f:1: list[2]: wrong", "f:2: list[0]: wrong", "f:3: list[1]: wrong", "f:4: map[0]: wrong",
                                  "f:4: map.a: wrong", "f:6: word[0]: wrong"}));
}

TEST(OptionsReader, KnowsWhetherAnOptionIsGiven) {
  OptionsReader in = reader_of("a: 5\nb: two words\nc: [1, x]\nd: ~\n");
  in.integer("a", 1, 0, 9);
  in.text("b", "none");
  in.json("c", Json::array());
  in.integer("d", 7, 0, 9);
  in.boolean("e", true);
  std::vector<std::string> values;
  for (const auto& option : in.described()) values.push_back(option.value);
  EXPECT_EQ(values, (Lines{"5", "\"two words\"", "[1,\"x\"]", "7", "true"}));
  EXPECT_EQ(in.names(), (Lines{"a", "b", "c", "d"}));
}

TEST(OptionsReader, ReadsSectionsInSectionsAndGivesTheSameOneTwice) {
  OptionsReader in = reader_of("a:\n  b:\n    c: 5\n    d: 6\n");
  Options& b = in.section("a").section("b");
  EXPECT_EQ(b.integer("c", 1, 0), 5);
  EXPECT_EQ(&in.section("a").section("b"), &b);
  EXPECT_EQ(in.problems(), Lines{"f:4: a.b.d: unknown option; known here: c"});
}

TEST(OptionsReader, ASectionThatIsNotThereGivesDefaults) {
  OptionsReader in = reader_of("");
  EXPECT_EQ(in.section("a").section("b").integer("c", 5, 0), 5);
  EXPECT_EQ(in.problems(), Lines{});
}

TEST(OptionsReader, WithoutAnyKnownOptionItSaysSo) {
  EXPECT_EQ(reader_of("x: 1").problems(), Lines{"f:1: x: unknown option; this section has no options"});
}

TEST(OptionsReader, RefusesInTheCallersWords) {
  OptionsReader in = reader_of("a: 3\nlist:\n  - 1\n  - x\n");
  in.integer("a", 2, 0);
  in.json("list", Json::array());
  in.refuse("a", "even");
  in.refuse("list[1]", "a number");
  in.refuse("secret", "given");
  in.note("list", "is short");
  in.note("list", "is told once");
  EXPECT_EQ(in.problems(), (Lines{"f: secret: must be given", "f:1: a: must be even, not 3", "f:2: list: is short", "f:4: list[1]: must be a number"}));
}

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("hubbub-files-" + std::to_string(std::random_device{}()))) {
    std::filesystem::create_directory(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  void write(const std::string& name, std::string_view text) const { std::ofstream{path_ / name, std::ios::binary} << text; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

OptionsReader reader_of(std::string_view yaml, std::shared_ptr<Files> files) {
  const auto tree = std::make_shared<const Tree>(read_yaml(yaml, {.file = "f", .line = 1}));
  return OptionsReader{{.path = "", .node = {tree, &tree->root}, .where = {.file = "f"}, .files = std::move(files)}};
}

TEST(OptionsReader, ReadsTheFilesThatAnOptionNamesFromTheirDirectory) {
  const Folder folder;
  folder.write("a.txt", "first\n");
  folder.write("b.txt", "");
  OptionsReader in = reader_of("list: [a.txt, " + (folder.path() / "b.txt").string() + "]\n", std::make_shared<Files>(folder.path()));
  const auto read = in.files("list");
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[0].name, "a.txt");
  EXPECT_EQ(read[0].text, "first\n");
  EXPECT_EQ(read[0].option, "list[0]");
  EXPECT_EQ(read[1].text, "");
  EXPECT_TRUE(in.files("other").empty());
  EXPECT_EQ(in.problems(), Lines{});
}

TEST(OptionsReader, ReadsAFileOnceForAllPluginsAndRemembersItsName) {
  const Folder folder;
  folder.write("a.txt", "as it was");
  const auto files = std::make_shared<Files>(folder.path());
  reader_of("list: [a.txt]", files).files("list");
  folder.write("a.txt", "as it is now");
  EXPECT_EQ(reader_of("list: [./a.txt]", files).section("x").problems(), Lines{});
  EXPECT_EQ(reader_of("list: [./a.txt, gone.txt]", files).files("list")[0].text, "as it was");
  EXPECT_EQ(files->paths(), (std::vector{folder.path() / "a.txt", folder.path() / "gone.txt"}));
}

TEST(OptionsReader, NamesTheFileThatCannotBeReadAndTheLineThatIsNoText) {
  const Folder folder;
  folder.write("latin.txt", "one\ncaf\xE9\n");
  folder.write("code.txt", "\x1bLua");
  folder.write("huge.txt", std::string(1024 * 1024 + 1, 'x'));
  OptionsReader in = reader_of("list:\n  - gone.txt\n  - .\n  - latin.txt\n  - code.txt\n  - huge.txt\nword: a.txt\nnumbers: [[1]]\n",
                               std::make_shared<Files>(folder.path()));
  EXPECT_TRUE(in.files("list").empty());
  EXPECT_TRUE(in.files("word").empty());
  EXPECT_TRUE(in.files("numbers").empty());
  const auto found_as = [&](const char* name) { return " (" + (folder.path() / name).string() + "): "; };
  EXPECT_EQ(in.problems(), (Lines{"f:2: list[0]: gone.txt" + found_as("gone.txt") + "cannot be read: no such file or directory",
                                  "f:3: list[1]: ." + found_as("") + "is a directory; name a file",
                                  "f:4: list[2]: latin.txt:2: is not valid UTF-8; save it as UTF-8",
                                  "f:5: list[3]: code.txt:1: holds a control character; remove it",
                                  "f:6: list[4]: huge.txt" + found_as("huge.txt") + "is larger than 1MiB",
                                  "f:7: word: must be a list of names of files, not \"a.txt\"",
                                  "f:8: numbers: must be a list of names of files, not a list"}));
}

TEST(OptionsReader, ReportsOneProblemPerOption) {
  OptionsReader in = reader_of("a: x");
  in.integer("a", 1, 0);
  in.integer("a", 1, 0);
  in.refuse("a", "odd");
  EXPECT_EQ(in.problems().size(), 1U);
}

TEST(OptionsReader, MessagesAreOneLineOfBoundedLengthWhateverTheValue) {
  OptionsReader in = reader_of("a: \"" + std::string(5000, 'y') + "\"\nb: \"1\\n2\\u0000\\u001b\"\nc: \"" +
                               std::string(59, 'z') + "ééé\"\n");
  in.integer("a", 1, 0, 9);
  in.integer("b", 1, 0, 9);
  in.integer("c", 1, 0, 9);
  const Lines problems = in.problems();
  ASSERT_EQ(problems.size(), 3U);
  EXPECT_LT(problems[0].size(), 200U);
  EXPECT_EQ(problems[1], R"(f:2: b: must be a whole number from 0 to 9, not "1\n2\u0000\u001b")");
  EXPECT_EQ(problems[2], "f:3: c: must be a whole number from 0 to 9, not \"" + std::string(59, 'z') + "é…\"");
}

TEST(OptionsReader, DescribesTheOptionsThatWereRead) {
  OptionsReader in = reader_of("");
  in.duration("grace", 30s, 0s, 24h);
  in.section("rate").integer("burst", 5, 1, 9);
  in.text("title", "none", 80);
  in.duration("grace", 30s, 0s, 24h);
  const auto all = in.described();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].name, "grace");
  EXPECT_EQ(all[0].fallback, "30s");
  EXPECT_EQ(all[0].allowed, "a time from 0s to 1d such as 30s");
  EXPECT_EQ(all[1].name, "title");
  EXPECT_EQ(all[2].name, "rate.burst");
  EXPECT_EQ(all[2].allowed, "a whole number from 1 to 9");
}

}  // namespace
}  // namespace hubbub::config

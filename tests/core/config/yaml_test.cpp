#include "config/yaml.hpp"

#include <gtest/gtest.h>

#include "start.hpp"

namespace hubbub::config {
namespace {

Json value_of(std::string_view yaml) {
  const Tree tree = read_yaml(yaml, {.file = "f", .line = 1});
  EXPECT_EQ(in_file_order(tree.problems), Lines{});
  return tree.root.json();
}

Lines mistakes_in(std::string_view yaml) { return in_file_order(read_yaml(yaml, {.file = "f", .line = 1}).problems); }

TEST(Yaml, PlainValuesHaveTheTypeTheyLookLike) {
  EXPECT_EQ(value_of("[true, false, 0, -7, 9223372036854775807, 0.5, -1e3, ~, null, ]"),
            Json::parse("[true, false, 0, -7, 9223372036854775807, 0.5, -1e3, null, null]"));
}

TEST(Yaml, ValuesThatPeopleConfuseStayText) {
  EXPECT_EQ(
      value_of("[yes, No, on, True, 010, 0x1F, 1_000, .5, 5., +5, .inf, .nan, 1e999, 12:30, 2024-01-01]"),
      Json::parse(R"(["yes", "No", "on", "True", "010", "0x1F", "1_000", ".5", "5.", "+5", ".inf", ".nan", "1e999",
                            "12:30", "2024-01-01"])"));
}

TEST(Yaml, NamesAreTextWhateverTheyLookLike) {
  EXPECT_EQ(value_of("1: a\ntrue: b\n0.5: c\n'~': d\n"), Json::parse(R"({"1": "a", "true": "b", "0.5": "c", "~": "d"})"));
}

TEST(Yaml, AMistakeInARepeatedValueIsReportedAtTheAlias) {
  EXPECT_EQ(problems_of("log: &x\n  level: off\nserver:\n  port: 1\nstore: *x\n"), Lines{"config.yaml:2: store.level: unknown option; known here: type, path, synchronous, size, retention, rooms, snapshot_every"});
  EXPECT_EQ(problems_of("log:\n  level: &x off\nserver:\n  port: *x\n"), Lines{"config.yaml:4: server.port: must be a whole number from 0 to 65535, not \"off\""});
}

TEST(Yaml, NullIsWrittenInFiveWays) {
  EXPECT_EQ(value_of("[~, null, Null, NULL]"), Json::parse("[null, null, null, null]"));
  EXPECT_EQ(value_of("a:\nb: ~\n"), Json::parse(R"({"a": null, "b": null})"));
  EXPECT_EQ(value_of("[nULL, nil, none, N]"), Json::parse(R"(["nULL", "nil", "none", "N"])"));
}

TEST(Yaml, HoldsAtMost100000Values) {
  const auto list = [](int values) {
    std::string text = "[";
    for (int i = 1; i < values; ++i) text += "x,";
    return text + "]";
  };
  EXPECT_EQ(mistakes_in(list(100'000)), Lines{});
  EXPECT_EQ(mistakes_in(list(100'001)), Lines{"f:1: holds more than 100000 values, counting those that aliases repeat"});
}

TEST(Yaml, QuotedValuesAreText) {
  EXPECT_EQ(value_of(R"(["true", '1', "", '~', "\u00e9\n"])"), Json::parse(R"(["true", "1", "", "~", "é\n"])"));
}

TEST(Yaml, AWholeNumberBeyondSixtyFourBitsIsNotWhole) {
  EXPECT_TRUE(value_of("18446744073709551615").is_number_float());
  EXPECT_TRUE(value_of("99999999999999999999").is_number_float());
}

TEST(Yaml, AnchorsAndAliasesRepeatAValue) {
  EXPECT_EQ(value_of("a: &x {k: [1]}\nb: *x\n"), Json::parse(R"({"a": {"k": [1]}, "b": {"k": [1]}})"));
}

TEST(Yaml, LinesAreCountedThroughCarriageReturnsAndAByteOrderMark) {
  EXPECT_EQ(problems_of("\xEF\xBB\xBF# first\r\nserver:\r\n\r\n  port: x\r\n"),
            Lines{"config.yaml:4: server.port: must be a whole number from 0 to 65535, not \"x\""});
  EXPECT_EQ(config_of("\xEF\xBB\xBFserver:\r\n  port: 5\r\n  host: 0.0.0.0\r\n").server.host, "0.0.0.0");
}

TEST(Yaml, AliasesOfAliasesAreBounded) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 20; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 9; ++j) bomb += before + ", ";
    bomb += before + "]\n";
  }
  EXPECT_EQ(mistakes_in(bomb), Lines{"f:5: holds more than 100000 values, counting those that aliases repeat"});
}

TEST(Yaml, AnAliasInsideWhatItNamesIsRefused) {
  EXPECT_EQ(mistakes_in("a: &a\n  b: *a\n"), Lines{"f:2: an alias inside the value it names; write the value out"});
}

TEST(Yaml, DepthIsBoundedHoweverItIsReached) {
  const Lines expected{"f:1: is nested deeper than 32 levels"};
  EXPECT_EQ(mistakes_in(std::string(32, '[') + std::string(32, ']')), Lines{});
  EXPECT_EQ(mistakes_in(std::string(33, '[') + std::string(33, ']')), expected);
  EXPECT_EQ(mistakes_in(std::string(500'000, '[')).size(), 1U);
  EXPECT_EQ(mistakes_in(std::string(100'000, '-') + "\n"), Lines{});  // one long word
  std::string dashes;
  for (int i = 0; i < 100'000; ++i) dashes += "- ";
  EXPECT_EQ(mistakes_in(dashes), expected);
  const std::string twenty = std::string(20, '[') + "x" + std::string(20, ']');
  EXPECT_EQ(mistakes_in("a: &a " + twenty + "\nb: [[[[[[[[[[[[*a]]]]]]]]]]]]\n"),
            Lines{"f:2: is nested deeper than 32 levels"});
}

TEST(Yaml, TheFirstOfTwoEqualNamesCounts) {
  const Tree tree = read_yaml("a: 1\nb: 2\na: 3\n", {.file = "f", .line = 1});
  EXPECT_EQ(tree.root.json(), Json::parse(R"({"a": 1, "b": 2})"));
  EXPECT_EQ(in_file_order(tree.problems), Lines{"f:3: a: is given twice, first on line 1; remove one"});
}

TEST(Yaml, MistakesBeforeASyntaxErrorAreReportedWithIt) { EXPECT_EQ(mistakes_in("a: 1\na: 2\nb: [\n").size(), 2U); }

}  // namespace
}  // namespace hubbub::config

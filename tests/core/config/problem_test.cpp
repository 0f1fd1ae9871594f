#include "config/problem.hpp"

#include <gtest/gtest.h>

namespace hubbub::config {
namespace {

using Lines = std::vector<std::string>;

TEST(Problem, AreListedWithTheirPlacesFirstTheFilesByLineThenTheEnvironments) {
  const Location variable{.variable = "HUBBUB_A__B"};
  EXPECT_EQ(in_file_order({{variable, "v"}, {{.file = "f", .line = 10}, "ten"}, {{.file = "f", .line = 9}, "nine"}, {{.file = "f"}, "whole"},
                           {{.file = "f", .line = 9, .column = 4}, "nine, too"}, {{}, "nowhere"}}),
            (Lines{"f: whole", "nowhere", "f:9: nine", "f:9:4: nine, too", "f:10: ten", "environment HUBBUB_A__B: v"}));
}

TEST(Problem, ShowsTextInQuotesOnOneLineAndShortened) {
  EXPECT_EQ(shown_text("a\n\"b\""), R"("a\n\"b\"")");
  EXPECT_EQ(shown_text(std::string(60, 'x')), '"' + std::string(60, 'x') + '"');
  EXPECT_EQ(shown_text(std::string(61, 'x')), '"' + std::string(60, 'x') + "…\"");
}

TEST(Problem, ShowsAPlainNameWithoutQuotes) {
  for (const std::string name : {"max_message", "A-z/0.9_[2]", "/dev/stdin"}) EXPECT_EQ(shown_name(name), name);
  EXPECT_EQ(shown_name(std::string(60, 'x')), std::string(60, 'x'));
  for (const std::string name : {"", "a b", "caf\u00e9", "a:b", "a\"b"}) EXPECT_EQ(shown_name(name), shown_text(name));
  EXPECT_EQ(shown_name(std::string(61, 'x')), shown_text(std::string(61, 'x')));
}

TEST(Problem, OfManyTheFirstTwentyAreListedAndTheOthersCounted) {
  for (const std::size_t count : {1U, 19U, 20U, 21U, 1000U}) {
    Lines lines;
    std::string told;
    for (std::size_t i = 1; i <= count; ++i) {
      lines.push_back("line " + std::to_string(i));
      if (i <= 20) told += (i == 1 ? "" : "\n") + lines.back();
    }
    if (count > 20) told += "\nand " + std::to_string(count - 20) + " more";
    const Error error{lines};
    EXPECT_EQ(error.what(), told) << count;
    EXPECT_EQ(error.problems(), lines) << "all of them, for who asks";
  }
}

}  // namespace
}  // namespace hubbub::config

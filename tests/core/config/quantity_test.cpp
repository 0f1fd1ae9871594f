#include "config/quantity.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace hubbub::config {
namespace {

using namespace std::chrono_literals;

TEST(Quantity, TimesHaveAWholeNumberAndAUnit) {
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("0s"), 0ms);
  EXPECT_EQ(parse_duration("5m"), 5min);
  EXPECT_EQ(parse_duration("24h"), 24h);
  EXPECT_EQ(parse_duration("30d"), 720h);
  for (const auto* text : {"", "5", "s", "-5s", "+5s", "1.5s", "5 s", "5S", "5sec", "5s ", "5M", "0x5s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Quantity, SizesHaveAWholeNumberAndAUnit) {
  EXPECT_EQ(parse_size("512B"), 512U);
  EXPECT_EQ(parse_size("64KiB"), 65'536U);
  EXPECT_EQ(parse_size("2GiB"), 2'147'483'648U);
  for (const auto* text : {"", "5", "KiB", "5kb", "5K", "5KB", "5kib", "5 KiB", "-1B", "1.5MiB"}) {
    EXPECT_FALSE(parse_size(text)) << text;
  }
}

TEST(Quantity, AreTheSameWrittenAndReadAgain) {
  for (const auto* text : {"0s", "1ms", "999ms", "1s", "59s", "1m", "59m", "1h", "23h", "1d", "36500d"}) EXPECT_EQ(duration_text(*parse_duration(text)), text);
  for (const auto* text : {"0B", "1B", "1023B", "1KiB", "1023KiB", "1MiB", "1023MiB", "1GiB", "1048576GiB"}) EXPECT_EQ(size_text(*parse_size(text)), text);
  const std::pair<const char*, const char*> same[] = {{"1000ms", "1s"}, {"60s", "1m"}, {"60m", "1h"}, {"24h", "1d"}};
  for (const auto& [one, other] : same) EXPECT_EQ(parse_duration(one), parse_duration(other));
  const std::pair<const char*, const char*> equal[] = {{"1024B", "1KiB"}, {"1024KiB", "1MiB"}, {"1024MiB", "1GiB"}};
  for (const auto& [one, other] : equal) EXPECT_EQ(parse_size(one), parse_size(other));
}

TEST(Quantity, ValuesThatDoNotFitAreRefused) {
  EXPECT_EQ(parse_duration("9223372036854775807ms"), std::chrono::milliseconds::max());
  EXPECT_FALSE(parse_duration("9223372036854775808ms"));
  EXPECT_FALSE(parse_duration("9223372036854775807s"));
  EXPECT_EQ(parse_size("18446744073709551615B"), UINT64_MAX);
  EXPECT_FALSE(parse_size("18446744073709551616B"));
  EXPECT_FALSE(parse_size("17179869184GiB"));
}

TEST(Quantity, AreWrittenInTheLargestUnitThatIsExact) {
  EXPECT_EQ(duration_text(0ms), "0s");
  EXPECT_EQ(duration_text(1500ms), "1500ms");
  EXPECT_EQ(duration_text(90s), "90s");
  EXPECT_EQ(duration_text(24h), "1d");
  EXPECT_EQ(size_text(0), "0B");
  EXPECT_EQ(size_text(1000), "1000B");
  EXPECT_EQ(size_text(65'536), "64KiB");
}

TEST(Quantity, OtherSpellingsAreGuessed) {
  EXPECT_EQ(likely_size("64kb"), "64KiB");
  EXPECT_EQ(likely_size("64K"), "64KiB");
  EXPECT_EQ(likely_size("1 MB"), "1MiB");
  EXPECT_EQ(likely_duration("5 minutes"), "5m");
  EXPECT_EQ(likely_duration("10Sec"), "10s");
  for (const auto& [unit, spellings] : std::map<std::string, std::vector<std::string>>{{"ms", {"MS", "msec", "millis", "milliseconds"}}, {"s", {"S", "secs", "second"}},
                                                                                       {"m", {"M", "min", "mins", "minute"}}, {"h", {"H", "hr", "hrs", "hours"}},
                                                                                       {"d", {"D", "day", "days"}}}) {
    for (const auto& spelling : spellings) EXPECT_EQ(likely_duration("7 " + spelling), "7" + unit) << spelling;
  }
  for (const auto& [unit, spellings] : std::map<std::string, std::vector<std::string>>{{"B", {"b", "byte", "bytes"}}, {"KiB", {"k", "kB", "kib"}},
                                                                                       {"MiB", {"m", "Mb", "mib"}}, {"GiB", {"g", "GB", "gib"}}}) {
    for (const auto& spelling : spellings) EXPECT_EQ(likely_size("7 " + spelling), "7" + unit) << spelling;
  }
  for (const auto* text : {"", "64", "kb", "64 parsecs", "x64kb"}) {
    EXPECT_EQ(likely_size(text), "") << text;
    EXPECT_EQ(likely_duration(text), "") << text;
  }
}

}  // namespace
}  // namespace hubbub::config

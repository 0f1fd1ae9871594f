#include "api/byte_range.hpp"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

namespace hubbub::api {
namespace {

TEST(ByteRange, is_what_the_header_asks_for_within_the_file) {
  const std::vector<std::tuple<const char*, std::uint64_t, std::uint64_t>> of_ten_bytes = {
      {"bytes=0-0", 0, 1},   {"bytes=2-5", 2, 4},    {"bytes=2-", 2, 8},  {"bytes=9-", 9, 1},
      {"bytes=2-9999", 2, 8}, {"bytes=-3", 7, 3},    {"bytes=-10", 0, 10}, {"bytes=-9999", 0, 10},
      {"bytes=007-8", 7, 2}, {"bytes=0-18446744073709551615", 0, 10},
      {"BYTES=2-5", 2, 4},   {"Bytes=-3", 7, 3},
  };
  for (const auto& [header, offset, length] : of_ten_bytes) {
    const auto range = parse_range(header, 10);
    ASSERT_TRUE(range) << header;
    EXPECT_EQ(range->offset, offset) << header;
    EXPECT_EQ(range->length, length) << header;
  }
}

TEST(ByteRange, is_empty_where_the_file_has_no_such_bytes) {
  for (const auto* header : {"bytes=10-", "bytes=10-12", "bytes=18446744073709551615-", "bytes=-0"}) {
    const auto range = parse_range(header, 10);
    ASSERT_TRUE(range) << header;
    EXPECT_EQ(range->length, 0U) << header;
  }
  for (const auto* header : {"bytes=0-", "bytes=0-5", "bytes=-5"}) EXPECT_EQ(parse_range(header, 0)->length, 0U) << header;
}

TEST(ByteRange, is_none_for_several_and_for_what_is_not_understood) {
  for (const auto* header : {"", "bytes", "bytes=", "bytes=-", "bytes=5", "bytes=5-2", "bytes=a-b", "bytes=1-b", "bytes=-1-2",
                             "bytes=+1-2", "bytes= 1-2", "bytes=1-2 ", "bytes=1--2", "bytes=0-1,3-4", "bytes=0-,", "lines=0-1",
                             "bytes=18446744073709551616-", "bytes=0x1-2"}) {
    EXPECT_FALSE(parse_range(header, 10)) << header;
  }
}

}  // namespace
}  // namespace hubbub::api

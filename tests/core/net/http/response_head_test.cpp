#include "net/http/response_head.hpp"

#include <gtest/gtest.h>

#include <array>
#include <ctime>
#include <string>

namespace hubbub::net {
namespace {

TEST(HttpDate, is_that_of_rfc_9110_on_each_day_and_at_each_time_of_it) {
  EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT") << "the example there";
  constexpr std::time_t hours = 3600;
  for (std::time_t when = 784111777; when < 784111777 + 3 * 366 * 24 * hours; when += 5 * hours + 61) {
    std::array<char, 40> expected{};
    std::tm parts{};
    gmtime_r(&when, &parts);
    std::strftime(expected.data(), expected.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);  // in the locale of all programs that set none
    ASSERT_EQ(http_date(when), expected.data());
  }
}

}  // namespace
}  // namespace hubbub::net

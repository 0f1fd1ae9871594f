// Which pages of a log are kept for those who come next.
#include "rooms/pages.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace hubbub::rooms {
namespace {

constexpr std::size_t kib = 1024;

Pages::Page page(std::uint64_t after, std::uint64_t last, std::size_t weight = kib) {
  return {after, last, std::make_shared<const std::vector<Frame>>(), weight};
}

TEST(Pages, end_at_the_same_messages_wherever_somebody_began) {
  for (std::uint64_t after = 0; after < 2000; ++after) {
    const auto end = Pages::end(after);
    ASSERT_GT(end, after);
    ASSERT_LE(end - after, 256U);
    ASSERT_EQ(end % 256, 0U);
  }
}

TEST(Pages, are_found_by_the_message_before_them) {
  Pages pages;
  EXPECT_EQ(pages.find(0), nullptr);
  const auto& kept = pages.keep(page(0, 256));
  EXPECT_EQ(kept.last, 256U);
  pages.keep(page(256, 512));
  ASSERT_NE(pages.find(0), nullptr);
  EXPECT_EQ(pages.find(0)->last, 256U);
  EXPECT_EQ(pages.find(256)->last, 512U);
  for (const std::uint64_t after : {1U, 255U, 257U, 512U}) EXPECT_EQ(pages.find(after), nullptr) << after;
}

TEST(Pages, are_replaced_by_those_that_reach_further_and_by_no_others) {
  Pages pages;
  const auto first = page(0, 100);
  pages.keep(first);
  EXPECT_EQ(pages.keep(page(0, 50)).last, 100U) << "the one that is there is handed out";
  EXPECT_EQ(pages.keep(page(0, 100)).frames, first.frames) << "so that all share it";
  EXPECT_EQ(pages.keep(page(0, 101)).last, 101U);
  EXPECT_EQ(pages.find(0)->last, 101U);
}

TEST(Pages, are_a_mebibyte_at_most_and_the_oldest_go_first) {
  Pages pages;
  for (std::uint64_t i = 0; i < 4; ++i) pages.keep(page(256 * i, 256 * (i + 1), 256 * kib));
  for (std::uint64_t i = 0; i < 4; ++i) EXPECT_NE(pages.find(256 * i), nullptr) << i;
  pages.keep(page(2000, 2048, 1));
  EXPECT_EQ(pages.find(0), nullptr);
  for (std::uint64_t i = 1; i < 4; ++i) EXPECT_NE(pages.find(256 * i), nullptr) << i;
  EXPECT_NE(pages.find(2000), nullptr);
  pages.keep(page(3000, 3072, 512 * kib));
  EXPECT_EQ(pages.find(256), nullptr);
  EXPECT_EQ(pages.find(512), nullptr);
  EXPECT_NE(pages.find(768), nullptr);
  EXPECT_EQ(pages.keep(page(4000, 4096, 5000 * kib)).last, 4096U) << "one that is larger is kept alone";
  for (const std::uint64_t after : {768U, 2000U, 3000U}) EXPECT_EQ(pages.find(after), nullptr) << after;
  EXPECT_NE(pages.find(4000), nullptr);
  pages.keep(page(5000, 5120));
  EXPECT_EQ(pages.find(4000), nullptr);
}

TEST(Pages, that_are_replaced_weigh_nothing_any_more) {
  Pages pages;
  pages.keep(page(0, 256, 500 * kib));
  for (std::uint64_t last = 301; last <= 400; ++last) pages.keep(page(300, last, 500 * kib));
  EXPECT_NE(pages.find(0), nullptr);
  EXPECT_EQ(pages.find(300)->last, 400U);
}

}  // namespace
}  // namespace hubbub::rooms

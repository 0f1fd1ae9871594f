#include "store/known.hpp"

#include <gtest/gtest.h>

namespace hubbub::store::test {
namespace {

constexpr std::uint64_t client = 7, other = 8;

struct Log {
  Log() { known.open(1, 600); }

  Known known;
  std::vector<bool> told;

  bool wait(std::uint64_t whose) { return known.wait_for(whose, [this](bool could) { told.push_back(could); }); }
};

TEST(Known, a_client_is_read_once_for_all_waiting_requests) {
  Log log;
  EXPECT_TRUE(log.wait(client));
  EXPECT_FALSE(log.wait(client));
  EXPECT_TRUE(log.wait(other));
  log.known.recall(client, true, {{11, 3}});
  EXPECT_EQ(log.told, (std::vector{true, true}));
  EXPECT_TRUE(log.known.has_all_of(client));
  EXPECT_FALSE(log.known.has_all_of(other));
  EXPECT_TRUE(log.wait(client)) << "what waits later is not told of what was read before";
}

// Its messages are read in parts, and a later one may fail.
TEST(Known, a_client_that_was_read_only_in_part_is_read_again) {
  Log log;
  log.wait(client);
  log.known.recall(client, false, {{11, 590}});
  EXPECT_EQ(log.told, (std::vector{false}));
  EXPECT_FALSE(log.known.has_all_of(client));
  EXPECT_EQ(log.known.find(11), 590U) << "what was read is true";
  log.wait(client);
  log.known.recall(client, true, {{11, 590}, {12, 20}});
  EXPECT_TRUE(log.known.has_all_of(client));
  EXPECT_EQ(log.known.find(12), 20U);
}

TEST(Known, a_client_without_messages_is_not_kept) {
  Log log;
  log.wait(client);
  log.known.recall(client, true, {});
  EXPECT_EQ(log.told, (std::vector{true}));
  EXPECT_FALSE(log.known.has_all_of(client));
}

TEST(Known, is_complete_for_a_log_that_began_empty) {
  Known known;
  known.open(1, 0);
  EXPECT_TRUE(known.has_all_of(client));
  known.remember(7, 1);
  EXPECT_EQ(known.find(7), 1U);
  EXPECT_EQ(known.find(8), std::nullopt);
  known.remember(0, 2);
  EXPECT_EQ(known.find(0), std::nullopt) << "no ref is none";
  known.open(1, 2);
  EXPECT_TRUE(known.has_all_of(client)) << "that it is opened again changes nothing";
}

TEST(Known, is_the_newest_message_of_a_reused_ref) {
  Known known;
  known.open(1, 10);
  known.remember(7, 11);
  known.recall(client, true, {{7, 3}});
  EXPECT_EQ(known.find(7), 11U);
  known.recall(other, true, {{8, 9}, {8, 2}});  // the newest first
  EXPECT_EQ(known.find(8), 9U);
  known.remember(8, 12);
  EXPECT_EQ(known.find(8), 12U);
}

TEST(Known, excludes_all_messages_that_the_log_has_forgotten) {
  Known known;
  known.open(1, 0);
  for (std::uint64_t last = 100; last <= 5000; last += 100) {
    for (auto seq = last - 99; seq <= last; ++seq) known.remember(seq + 1, seq);
    const auto first = last - 49;
    known.forget(first);
    EXPECT_EQ(known.find(first), std::nullopt) << "of the message before";
    EXPECT_EQ(known.find(first + 1), first);
    EXPECT_EQ(known.find(last + 1), last);
    EXPECT_EQ(known.find(2), std::nullopt);
  }
}

TEST(Known, is_complete_again_once_all_older_messages_are_forgotten) {
  Known known;
  known.open(1, 10);
  known.forget(10);
  EXPECT_FALSE(known.has_all_of(client)) << "the last one is there";
  known.forget(11);
  EXPECT_TRUE(known.has_all_of(client));
}

TEST(Known, callbacks_may_wait_for_the_same_client_again) {
  Known known;
  known.open(1, 10);
  bool again = false;
  known.wait_for(client, [&](bool) { again = known.wait_for(client, [](bool) {}); });
  known.recall(client, false, {});
  EXPECT_TRUE(again) << "nothing is under way then";
}

}  // namespace
}  // namespace hubbub::store::test

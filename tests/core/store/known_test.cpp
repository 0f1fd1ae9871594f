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

TEST(Known, a_client_is_read_once_for_all_who_wait_for_it) {
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
TEST(Known, a_client_of_whom_only_a_part_could_be_read_is_read_again) {
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

TEST(Known, a_client_of_whom_nothing_is_found_is_not_kept) {
  Log log;
  log.wait(client);
  log.known.recall(client, true, {});
  EXPECT_EQ(log.told, (std::vector{true}));
  EXPECT_FALSE(log.known.has_all_of(client));
}

}  // namespace
}  // namespace hubbub::store::test

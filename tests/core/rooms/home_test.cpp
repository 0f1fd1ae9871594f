// Which shard a room lives on.
#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "core/rooms/stage.hpp"
#include "store/memory.hpp"

namespace hubbub::rooms {
namespace {

std::vector<std::size_t> homes(const World& world) {
  std::vector<std::size_t> all;
  for (int i = 0; i < 256; ++i) all.push_back(home_of("room " + std::to_string(i), world));
  return all;
}

TEST(Home, is_one_that_nobody_can_work_out_from_the_name) {
  store::MemoryStore store{{}, 10};
  const Stage one{store, 4}, other{store, 4};
  EXPECT_EQ(homes(one.world), homes(one.world));
  EXPECT_NE(homes(one.world), homes(other.world));
  const auto all = homes(one.world);
  EXPECT_EQ(std::set(all.begin(), all.end()).size(), 4U);
}

}  // namespace
}  // namespace hubbub::rooms

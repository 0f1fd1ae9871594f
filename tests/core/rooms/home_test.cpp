// Which shard a room lives on.
#include <gtest/gtest.h>

#include <memory>
#include <new>
#include <set>
#include <string>
#include <vector>

#include "core/rooms/stage.hpp"
#include "store/memory.hpp"

namespace hubbub::rooms {
namespace {

std::vector<std::size_t> homes(const World& world) {
  std::vector<std::size_t> all;
  for (int i = 0; i < 256; ++i) all.push_back(world.home_of("room " + std::to_string(i)));
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

// A shard that has no memory for another task.
class FullShard final : public runtime::Shard {
 public:
  void post(runtime::Task) override { throw std::bad_alloc{}; }
  void at_end_of_turn(std::shared_ptr<runtime::TurnEnd>) override {}
  bool is_current() const override { return false; }
  std::string name() const override { return "full shard"; }
  std::unique_ptr<runtime::Timer> make_timer(runtime::Task) override { return nullptr; }
  std::chrono::steady_clock::time_point now() const override { return {}; }
  std::int64_t unix_ms() const override { return 0; }
};

TEST(Home, that_cannot_be_asked_leaves_nothing_of_the_connection_behind) {
  store::MemoryStore store{{}, 10};
  Stage stage{store, 1};
  FullShard full;
  Hub far{full, stage.world};
  stage.world.shards.clear();
  stage.world.shards.push_back({stage.shards[0], stage.subscriptions[0], far});
  stage.shards[0].enter([&] {
    Inbox inbox;
    JoinRequest request;
    request.member.connection = 1;
    EXPECT_THROW((RoomConnection{inbox, request, stage.world}), std::bad_alloc);
    EXPECT_EQ(stage.subscriptions[0].find(1), nullptr);
  });
}

#ifdef HUBBUB_ASSERTS_THREADS

TEST(HomeDeathTest, is_the_only_shard_that_may_use_its_rooms) {
  store::MemoryStore store{{}, 10};
  Stage stage{store, 2};
  const Actor john{stage, "john", 1};
  stage.run();
  EXPECT_DEATH(stage.shards[1].enter([&] { stage.hub.leave(1); }), "Hub::leave.*belongs to the thread \"manual shard\"");
  EXPECT_DEATH(stage.home().enter([&] { stage.subscriptions[1].find(1); }), "Subscriptions::find.*belongs to the thread \"manual shard\"");
}

#endif

}  // namespace
}  // namespace hubbub::rooms

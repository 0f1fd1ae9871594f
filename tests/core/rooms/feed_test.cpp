// Whose turn it is to be given a page.
#include "rooms/feed.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "testing/manual_shard.hpp"

namespace hubbub::rooms {
namespace {

using Served = std::vector<MemberId>;
constexpr MemberId somebody_else = 1000;

struct Feeds : ::testing::Test {
  void ask(MemberId first, MemberId last) {
    shard.enter([&] {
      for (auto member = first; member <= last; ++member) feed.ask(member);
    });
  }
  void be_done() {
    shard.enter([&] { feed.done(); });
  }
  static Served range(MemberId first, MemberId last) {
    Served all;
    for (auto member = first; member <= last; ++member) all.push_back(member);
    return all;
  }

  testing::ManualShard shard;
  Served served;
  bool at_once = false;  // a page is handed over as soon as it is asked for
  Feed feed{shard, [this](MemberId member) {
              served.push_back(member);
              if (at_once) feed.done();
            }};
};

TEST_F(Feeds, give_each_a_task_of_its_own_and_let_others_be_done_in_between) {
  at_once = true;
  ask(1, 3);
  EXPECT_EQ(served, Served{}) << "nobody from within who asks";
  shard.post([&] { served.push_back(somebody_else); });
  shard.run_one();
  EXPECT_EQ(served, Served{1});
  shard.run_all();
  EXPECT_EQ(served, (Served{1, somebody_else, 2, 3}));
}

TEST_F(Feeds, have_four_pages_under_way_at_most) {
  ask(1, 6);
  shard.run_all();
  EXPECT_EQ(served, range(1, 4));
  shard.run_all();
  EXPECT_EQ(served, range(1, 4));
  be_done();
  EXPECT_EQ(served, range(1, 4)) << "not from within who is done";
  shard.run_all();
  EXPECT_EQ(served, range(1, 5));
  for (int i = 0; i < 2; ++i) be_done();
  shard.run_all();
  EXPECT_EQ(served, range(1, 6));
  ask(7, 8);
  shard.run_all();
  EXPECT_EQ(served, range(1, 7)) << "three of those before are under way";
}

TEST_F(Feeds, have_who_asks_again_wait_for_all_who_asked_before) {
  at_once = true;
  ask(1, 3);
  shard.run_one();
  ask(1, 1);
  shard.run_all();
  EXPECT_EQ(served, (Served{1, 2, 3, 1}));
}

TEST_F(Feeds, serve_everybody_in_the_order_of_asking_whenever_the_pages_are_had) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    Served order;
    Feed chosen{shard, [&](MemberId member) { order.push_back(member); }};
    MemberId asked = 0;
    std::size_t done = 0;
    while (done < 200) {
      switch (random() % 3) {
        case 0:
          if (asked < 200) shard.enter([&] { chosen.ask(++asked); });
          break;
        case 1: shard.run_one(); break;
        default:
          if (done < order.size()) shard.enter([&] { ++done, chosen.done(); });
      }
      ASSERT_LE(order.size() - done, 4U);
    }
    shard.run_all();
    EXPECT_EQ(order, range(1, 200));
  }
}

}  // namespace
}  // namespace hubbub::rooms

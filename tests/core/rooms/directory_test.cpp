#include <gtest/gtest.h>

#include <atomic>
#include <list>
#include <thread>

#include "core/rooms/stage.hpp"
#include "store/memory.hpp"

namespace hubbub::rooms {
namespace {

struct Directories : ::testing::Test {
  store::MemoryStore store{{}, 10};
  Stage stage{store, 1};
  std::list<Actor> actors;
  const Directory& directory = *stage.world.directory;

  Actor& join(const std::string& nickname, const std::string& room) {
    auto& actor = actors.emplace_back(stage, nickname, 0, std::nullopt, room);
    stage.run();
    return actor;
  }

  // Each room as "name members: people".
  std::vector<std::string> fullest(std::size_t most, std::size_t people) const {
    std::vector<std::string> lines;
    for (const auto& room : directory.fullest(most, people).fullest) {
      lines.push_back(room.name + ' ' + std::to_string(room.members) + ':');
      for (const auto& nickname : room.people) lines.back() += ' ' + nickname;
    }
    return lines;
  }
};

using Lines = std::vector<std::string>;

TEST_F(Directories, list_who_is_in_which_room_the_fullest_first) {
  EXPECT_TRUE(fullest(10, 10).empty());
  join("John", "kitchen");
  join("Jane", "garden");
  auto& bob = join("Bob", "garden");
  join("Ann", "attic");
  EXPECT_EQ(fullest(10, 10), (Lines{"garden 2: Jane Bob", "attic 1: Ann", "kitchen 1: John"}));
  bob.leave();
  stage.run();
  EXPECT_EQ(fullest(10, 10), (Lines{"attic 1: Ann", "garden 1: Jane", "kitchen 1: John"}));
}

// It stays open for rooms.grace.
TEST_F(Directories, do_not_count_a_room_that_was_left_and_is_still_open) {
  join("John", "kitchen");
  auto& jane = join("Jane", "garden");
  jane.send("note", "said");
  jane.leave();
  stage.run();
  EXPECT_EQ(fullest(10, 10), Lines{"kitchen 1: John"});
  EXPECT_EQ(directory.fullest(10, 10).more, 0U);
  EXPECT_EQ(directory.fullest(0, 10).more, 1U);
}

TEST_F(Directories, are_bounded_and_count_what_is_left_out) {
  for (const auto* room : {"attic", "garden", "kitchen", "garden", "cellar", "garden"}) join("Somebody", room);
  EXPECT_EQ(fullest(2, 2), (Lines{"garden 3: Somebody Somebody", "attic 1: Somebody"}));
  EXPECT_EQ(directory.fullest(2, 2).more, 2U);
  EXPECT_EQ(directory.fullest(10, 2).more, 0U);
  EXPECT_EQ(directory.fullest(0, 0).more, 4U);
}

TEST_F(Directories, forget_a_room_that_nobody_is_in) {
  join("John", "kitchen").leave();
  stage.run();
  EXPECT_TRUE(fullest(10, 10).empty()) << "it is still open";
  stage.advance(stage.config.rooms.grace);
  EXPECT_TRUE(fullest(10, 10).empty());
  EXPECT_EQ(directory.fullest(0, 0).more, 0U);
}

TEST_F(Directories, may_be_read_while_people_and_rooms_come_and_go) {
  join("John", "kitchen");
  std::atomic<bool> done = false;
  std::size_t wrong = 0;
  std::thread reader{[&] {
    while (!done) {
      for (const auto& room : directory.fullest(3, 3).fullest) wrong += room.members == 0 || room.people.size() > 3 ? 1 : 0;
    }
  }};
  for (int i = 0; i < 300; ++i) {
    join("Guest", "room " + std::to_string(i % 7)).leave();
    stage.advance(i % 7 == 0 ? stage.config.rooms.grace : std::chrono::milliseconds{1});
    actors.erase(std::next(actors.begin()), actors.end());
  }
  done = true;
  reader.join();
  EXPECT_EQ(wrong, 0U);
  EXPECT_EQ(fullest(10, 10), Lines{"kitchen 1: John"});
}

}  // namespace
}  // namespace hubbub::rooms

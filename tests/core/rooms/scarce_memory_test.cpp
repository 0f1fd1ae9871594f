// What a room does if there is no memory for what it is to do.
#include "core/rooms/scarce_memory.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <new>
#include <stdexcept>
#include <string>

#include "core/rooms/slow_room.hpp"
#include "rooms/turn.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;

TEST_F(SlowRoom, opens_later_if_there_is_no_memory_for_its_snapshot_now) {
  come("john")->send("note", std::string(60'000, 'x'));
  answer();
  stage.advance(stage.config.rooms.grace);
  ASSERT_EQ(stage.world.open_rooms(), 0U);
  store.most_memory = 50'000;
  Actor jane{stage, "jane"};
  answer();
  EXPECT_EQ(jane.count("welcome"), 0U);
  store.most_memory.reset();
  stage.advance(1s);
  answer();
  EXPECT_EQ(jane.take("answer").at(0)["content"].size(), 1U);
}

// A room that fails, too, when it is told of a call that has failed.
struct Helpless final : Turn::Owner {
  void end_turn() override { ++ended; }
  void doubt(const char*) override { throw std::bad_alloc{}; }

  int ended = 0;
};

TEST(Turns, end_even_if_there_is_no_memory_to_tell_of_a_call_that_has_failed) {
  Helpless room;
  Turn turn{room};
  for (int i = 1; i <= 2; ++i) {
    EXPECT_NO_THROW(turn([] { throw std::runtime_error("told to throw"); }));
    EXPECT_EQ(room.ended, i);
  }
}

}  // namespace
}  // namespace hubbub::rooms

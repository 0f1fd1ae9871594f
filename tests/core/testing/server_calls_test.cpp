// A plugin's calls for the whole server are made as time moves, whether or not anybody is in a room.
#include <gtest/gtest.h>

#include <hubbub/testing.hpp>

namespace hubbub::testing {
namespace {

using namespace std::chrono_literals;

Json asked(Client& client) {
  client.send("how_many");
  return client.next("ticks")["content"];
}

TEST(ServerCalls, are_made_at_the_times_that_the_plugin_names_without_a_room_and_not_too_often) {
  Room room{HUBBUB_FIXTURE_DIR "/ticker.so", {{"every", "0ms"}}};
  room.advance(100ms);
  auto& john = room.join("John");
  EXPECT_EQ(asked(john), (Json{2, 0})) << "one at once, and one after the least time there is between two";
  room.advance(100ms);
  EXPECT_EQ(asked(john)[0], 3) << "which fails";
  room.advance(59s);
  EXPECT_EQ(asked(john)[0], 3) << "so there is a pause";
  room.advance(1s);
  EXPECT_EQ(asked(john), (Json{4, 1}));
  john.leave();
  room.advance(100ms);
  EXPECT_EQ(asked(room.join("Jane"))[0], 5);
}

}  // namespace
}  // namespace hubbub::testing

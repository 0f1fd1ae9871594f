// How many rooms are in memory, and for how long.
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/rooms/slow_room.hpp"
#include "store/memory.hpp"

namespace hubbub::rooms {
namespace {

struct OpenRooms : ::testing::Test {
  explicit OpenRooms(const char* most = "3") : stage{store, 2, configured({{"HUBBUB_ROOMS__OPEN", most}})} {}

  // Somebody comes into a room, says something if told to, and leaves.
  void visit(const std::string& room, bool speaks) {
    Actor guest{stage, "guest", 0, {}, room};
    if (speaks) guest.send("note", "I was here");
    stage.run();
    EXPECT_EQ(guest.inbox.closed, std::nullopt) << room;
  }
  std::uint64_t open() {
    stage.run();
    return stage.world.open_rooms();
  }

  store::MemoryStore store{{}, 1000};
  Stage stage;
};

TEST_F(OpenRooms, in_which_nothing_was_logged_close_as_soon_as_nobody_is_in_them) {
  for (int i = 0; i < 100; ++i) {
    visit("room " + std::to_string(i), false);
    stage.advance(std::chrono::milliseconds{1});
    EXPECT_EQ(open(), 0U);
  }
}

TEST_F(OpenRooms, make_way_for_others_when_nobody_is_in_them_and_lose_nothing) {
  for (int i = 0; i < 100; ++i) {
    visit("room " + std::to_string(i), true);
    EXPECT_LE(open(), 3U);
  }
  Actor jane{stage, "jane", 0, {}, "room 0"};
  stage.run();
  EXPECT_EQ(jane.take("answer").at(0)["content"], Json::array({"I was here"}));
}

// What a room's snapshot covers; nothing, if it has none.
std::optional<std::uint64_t> covered(Stage& stage, const std::string& room) {
  std::optional<std::uint64_t> seq;
  stage.home().enter([&] {
    stage.world.store.log(room, {})->open([&](const auto& opening) {
      if (opening->snapshot) seq = opening->snapshot->seq;
    });
  });
  return seq;
}

TEST_F(OpenRooms, keep_a_snapshot_whatever_they_are_closed_for) {
  for (int i = 0; i < 4; ++i) visit("room " + std::to_string(i), true);
  EXPECT_EQ(covered(stage, "room 0"), 1U) << "it made way";
  EXPECT_EQ(covered(stage, "room 1"), std::nullopt) << "it is open";
  stage.advance(stage.config.rooms.grace);
  EXPECT_EQ(covered(stage, "room 1"), 1U) << "nobody came back";
  std::deque<Actor> here;
  for (const auto* room : {"garden", "kitchen"}) here.emplace_back(stage, "jane", 0, std::nullopt, room).send("note", "I am here");
  stage.home().enter([&] { stage.hub.close(); });
  for (const auto* room : {"garden", "kitchen"}) EXPECT_EQ(covered(stage, room), 1U) << "the server goes";
}

TEST_F(OpenRooms, lose_nothing_that_a_plugin_posts_while_it_tells_its_state) {
  std::make_unique<Actor>(stage, "jane")->send("note", "post in snapshot");
  stage.advance(stage.config.rooms.grace);
  EXPECT_EQ(open(), 0U);
  Actor jane{stage, "jane"};
  stage.run();
  EXPECT_EQ(jane.take("answer").at(0)["content"], (Json{"post in snapshot", "posted in snapshot"}));
}

TEST_F(SlowRoom, stays_until_the_store_has_told_what_a_client_said_earlier) {
  const auto john = come("john");
  john->send("note", "once", "r");
  answer();
  const auto back = come_back("john", john->key());
  back->send("note", "once", "r");
  ASSERT_EQ(store.waiting(), 1U);
  store.throws = true;
  john->send("note", "lost");
  john->leave();
  back->leave();
  for (int i = 0; i < 3; ++i) stage.advance(stage.config.rooms.grace);
  EXPECT_EQ(stage.world.open_rooms(), 1U);
  store.throws = false;
  answer();
  stage.advance(stage.config.rooms.grace);
  answer();
  stage.advance(stage.config.rooms.grace);
  EXPECT_EQ(stage.world.open_rooms(), 0U);
}

// A store that notes which rooms were opened.
struct OpeningsNoted final : store::Store {
  std::shared_ptr<store::Log> log(const std::string& room, store::Post post) override {
    rooms.push_back(room);
    return kept.log(room, std::move(post));
  }
  void drain() override {}

  store::MemoryStore kept{{}, 1000};
  std::vector<std::string> rooms;
};

TEST(EmptyRooms, make_way_in_the_order_in_which_they_were_left) {
  OpeningsNoted store;
  Stage stage{store, 1, configured({{"HUBBUB_ROOMS__OPEN", "3"}})};
  const auto visit = [&](const std::string& room) {
    Actor{stage, "guest", 0, {}, room}.send("note", "I was here");
    stage.run();
  };
  for (const auto* room : {"a", "b", "c", "a", "d", "c", "a"}) visit(room);  // b made way, for it was left before the others
  EXPECT_EQ(store.rooms, (std::vector<std::string>{"a", "b", "c", "d"}));
  visit("e");  // d did
  visit("c");
  visit("a");
  visit("d");
  EXPECT_EQ(store.rooms, (std::vector<std::string>{"a", "b", "c", "d", "e", "d"}));
}

// A server with several threads, each the home of some rooms.
template <class Store>
struct SeveralHomesOver : ::testing::Test {
  template <class... Options>
  explicit SeveralHomesOver(Options... options) : store{options...} {
    for (std::size_t i = 0; i < shards.size(); ++i) hubs.emplace_back(shards[i], world);
    for (std::size_t i = 0; i < shards.size(); ++i) world.shards.push_back({shards[i], subscriptions[i], hubs[i]});
  }
  ~SeveralHomesOver() override {
    guests.clear();
    run();
  }

  // Somebody who is connected where the room has its home.
  struct Guest {
    Guest(SeveralHomesOver& server, std::size_t its_home, const std::string& room) : shard(server.shards[its_home]) {
      shard.enter([&] {
        connection.emplace(inbox, JoinRequest{room, {"guest", "guest", ++server.last_member}, its_home, true, {}, {}}, server.world);
      });
    }
    Guest(const Guest&) = delete;
    Guest& operator=(const Guest&) = delete;
    ~Guest() {
      shard.enter([&] { connection.reset(); });
    }

    ManualShard& shard;
    Inbox inbox;
    std::optional<RoomConnection> connection;
  };

  // The next room that has its home there and was not named before.
  std::string room(std::size_t home) {
    for (;;) {
      auto name = "room " + std::to_string(++last_room);
      if (world.home_of(name) == home) return name;
    }
  }
  auto come(std::size_t home, const std::string& to) { return guests.emplace(guests.end(), *this, home, to); }
  auto come(std::size_t home) { return come(home, room(home)); }
  // So that the room stays for a while after it was left.
  void say(Guest& guest) {
    guest.shard.enter([&] { guest.connection->on_message(R"({"type":"note","content":"I was here"})", Opcode::text); });
  }
  // Whether somebody gets into a new room there, who then stays.
  bool gets_in(std::size_t home) {
    const auto guest = come(home);
    const bool in = !guest->inbox.closed;
    EXPECT_EQ(guest->inbox.messages.empty(), !in);
    if (!in) guests.erase(guest);
    return in;
  }
  void run() {
    for (bool any = true; any;) {
      any = false;
      for (auto& shard : shards) any = shard.run_one() || any;
    }
  }

  Store store;
  config::Config config = configured({{"HUBBUB_ROOMS__OPEN", "2"}});
  std::shared_ptr<const plugins::Registry> registry = std::make_shared<const plugins::Registry>(config.plugins);
  std::deque<ManualShard> shards{3};
  std::deque<Subscriptions> subscriptions{3};
  World world{config, registry, store};
  std::deque<Hub> hubs;
  std::list<Guest> guests;
  MemberId last_member = 0;
  int last_room = 0;
};

struct SeveralHomes : SeveralHomesOver<store::MemoryStore> {
  SeveralHomes() : SeveralHomesOver{store::Retention{}, std::size_t{1000}} {}
};
struct HomesOverAHangingStore : SeveralHomesOver<SlowStore> {};

TEST_F(HomesOverAHangingStore, are_no_more_rooms_than_may_be_though_none_that_is_empty_can_be_closed) {
  for (int i = 0; i < 100; ++i) {
    guests.erase(come(static_cast<std::size_t>(i) % 3));
    run();
  }
  EXPECT_LE(world.open_rooms(), 2U + 3U) << "one for each thread beyond";
}

TEST_F(SeveralHomes, make_way_for_each_other_however_often_none_could) {
  const auto one = come(0), other = come(1);
  for (const auto& guest : {one, other}) say(*guest);
  run();
  for (int i = 0; i < 3; ++i) {
    for (const std::size_t home : {0U, 1U, 2U}) EXPECT_FALSE(gets_in(home)) << "somebody is in each room";
  }
  guests.erase(other);
  run();
  EXPECT_EQ(world.open_rooms(), 2U) << "it is open for a while";
  EXPECT_TRUE(gets_in(0));
  run();
  EXPECT_EQ(world.open_rooms(), 2U) << "it has made way";
  EXPECT_FALSE(gets_in(2));
  guests.erase(one);
  EXPECT_TRUE(gets_in(2));
  run();
  EXPECT_EQ(world.open_rooms(), 2U);
}

TEST_F(SeveralHomes, make_way_once_for_each_room_that_is_empty) {
  const auto name = room(1);
  const auto there = come(1, name), here = come(0);
  for (const auto& guest : {there, here}) say(*guest);
  run();
  guests.erase(there);
  run();
  EXPECT_TRUE(gets_in(0));
  EXPECT_FALSE(gets_in(0)) << "the only one that is empty makes way already";
  EXPECT_FALSE(gets_in(2));
  run();
  EXPECT_EQ(world.open_rooms(), 2U);
}

TEST_F(SeveralHomes, do_not_close_what_somebody_has_come_back_to_meanwhile) {
  const auto name = room(1);
  const auto there = come(1, name), here = come(0);
  for (const auto& guest : {there, here}) say(*guest);
  run();
  guests.erase(there);
  run();
  EXPECT_TRUE(gets_in(0));
  const auto back = come(1, name);
  run();
  EXPECT_EQ(back->inbox.closed, std::nullopt);
  say(*back);
  EXPECT_EQ(back->inbox.messages.back()["content"], "I was here");
  EXPECT_FALSE(gets_in(2)) << "there is one more than may be";
}

TEST_F(OpenRooms, turn_others_away_where_somebody_is_in_each_of_them) {
  std::optional<Actor> here[3];
  for (int i = 0; i < 3; ++i) here[i].emplace(stage, "jane", 0, std::nullopt, "room " + std::to_string(i));
  stage.run();
  for (const std::size_t place : {0, 1}) {
    Actor bob{stage, "bob", place, {}, "another"};
    bob.send("note", "too many");
    stage.run();
    EXPECT_EQ(bob.inbox.closed, CloseCode::overloaded);
    EXPECT_TRUE(bob.inbox.messages.empty());
    Actor ann{stage, "ann", place, {}, "room 1"};
    stage.run();
    EXPECT_EQ(ann.inbox.closed, std::nullopt) << "a room that is open takes people in";
  }
  here[0].reset();
  stage.run();
  stage.advance(std::chrono::milliseconds{1});
  visit("another", false);
}

TEST_F(OpenRooms, stay_open_for_a_while_after_the_last_one_has_left) {
  using namespace std::chrono_literals;
  visit("general", true);
  stage.advance(29'999ms);
  EXPECT_EQ(open(), 1U);
  visit("general", false);
  stage.advance(29'999ms);
  EXPECT_EQ(open(), 1U) << "from when the last one has left";
  {
    Actor jane{stage, "jane"};
    stage.advance(1h);
    EXPECT_EQ(open(), 1U) << "somebody is in it";
  }
  stage.advance(29'999ms);
  EXPECT_EQ(open(), 1U);
  stage.advance(1ms);
  EXPECT_EQ(open(), 0U);
  Actor bob{stage, "bob"};
  EXPECT_EQ(bob.take("answer").at(0)["content"], Json::array({"I was here"}));
}

struct ManyOpenRooms : OpenRooms {
  ManyOpenRooms() : OpenRooms{"300"} {}
};

TEST_F(ManyOpenRooms, make_way_if_nobody_is_in_them_however_many_of_the_others_are_lived_in) {
  for (int i = 0; i < 100; ++i) visit("empty " + std::to_string(i), true);
  std::deque<Actor> here;
  for (int i = 0; i < 300; ++i) {
    here.emplace_back(stage, "jane", 0, std::nullopt, "lived in " + std::to_string(i));
    EXPECT_LE(open(), 300U);
  }
  for (const auto& jane : here) EXPECT_EQ(jane.inbox.closed, std::nullopt);
}

TEST_F(OpenRooms, are_no_longer_empty_when_somebody_has_come_back) {
  for (int i = 0; i < 3; ++i) visit("room " + std::to_string(i), true);
  std::deque<Actor> here;
  for (int i = 0; i < 3; ++i) here.emplace_back(stage, "jane", 0, std::nullopt, "room " + std::to_string(i));
  stage.run();
  Actor bob{stage, "bob", 0, {}, "another"};
  stage.run();
  EXPECT_EQ(bob.inbox.closed, CloseCode::overloaded);
  for (auto& jane : here) {
    jane.send("note", "still here", 1);
    stage.run();
    EXPECT_EQ(jane.count("note"), 1U);
  }
}

}  // namespace
}  // namespace hubbub::rooms

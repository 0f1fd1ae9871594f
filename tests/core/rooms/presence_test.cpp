// Who is here, and who is told when: with a clock that the test moves.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "core/rooms/stage.hpp"
#include "store/memory.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

// Somebody at one connection, who can leave for good or as if to be back in a moment.
class Guest {
 public:
  Guest(Stage& stage, const std::string& nickname, const std::string& id = {}, std::optional<Position> since = {})
      : stage_(stage), member_(++stage.last_member) {
    JoinRequest request{"general", {id.empty() ? nickname : id, nickname, member_}, 0, true, std::move(since), {}};
    stage.home().enter([&] { connection_.emplace(inbox, std::move(request), stage.world); });
  }
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;
  ~Guest() { leave(); }

  void leave(CloseCode how = CloseCode::normal) {
    if (!connection_) return;
    stage_.home().enter([&] { stage_.hub.expel(member_, how, ""); });
    stage_.home().enter([&] { connection_.reset(); });
  }
  void reload() { leave(CloseCode::going_away); }

  // What has come since it was last asked for.
  std::vector<Json> take(const std::string& type) {
    std::vector<Json> taken;
    std::erase_if(inbox.messages, [&](const Json& message) { return message["type"] == type && (taken.push_back(message), true); });
    return taken;
  }
  Lines lines() {
    Lines all;
    for (const auto& message : take("system")) all.push_back(message["content"]);
    return all;
  }
  // The lists that have come, as "a, b", with the count if there is one.
  Lines lists() {
    Lines all;
    for (const auto& message : take("users_update")) {
      std::string text;
      for (const auto& name : message["content"]) text += (text.empty() ? "" : ", ") + name.get<std::string>();
      all.push_back(message.contains("count") ? text + " of " + message["count"].dump() : text);
    }
    return all;
  }
  Position position() { return {take("welcome").at(0)["content"]["epoch"], 0}; }

  Inbox inbox;

 private:
  Stage& stage_;
  const MemberId member_;
  std::optional<RoomConnection> connection_;
};

struct Presences : ::testing::Test {
  explicit Presences(const Json& presence = Json::object()) : stage{store, 1, configured({{"HUBBUB_ROOMS__PRESENCE", presence.dump()}})} {}

  // Everybody is told everything, and the room is quiet.
  void settle(std::initializer_list<Guest*> guests) {
    stage.advance(10s);
    for (auto* guest : guests) guest->inbox.messages.clear();
  }

  store::MemoryStore store{{}, 10};
  Stage stage;
};

TEST_F(Presences, are_told_at_once_in_a_quiet_room_and_else_once_an_interval_with_how_it_is_then) {
  Guest john{stage, "john"};
  EXPECT_EQ(john.lists(), Lines{"john"});
  Guest jane{stage, "jane"};
  std::optional<Guest> bob{std::in_place, stage, "bob"};
  stage.advance(249ms);
  EXPECT_EQ(john.lists(), Lines{});
  stage.advance(1ms);
  EXPECT_EQ(john.lists(), Lines{"john, jane, bob"});
  bob.reset();
  stage.advance(249ms);
  EXPECT_EQ(john.lists(), Lines{}) << "it is not quiet yet";
  stage.advance(1ms);
  EXPECT_EQ(john.lists(), Lines{"john, jane"});
  stage.advance(250ms);
  EXPECT_EQ(john.lists(), Lines{}) << "nothing has changed";
  Guest ann{stage, "ann"};
  EXPECT_EQ(john.lists(), Lines{"john, jane, ann"}) << "at once, for it was quiet";
  EXPECT_EQ(ann.lists(), Lines{"john, jane, ann"});
}

TEST_F(Presences, are_told_in_a_line_each) {
  Guest john{stage, "john"};
  EXPECT_EQ(john.lines(), Lines{"john joined the room"});
  {
    Guest jane{stage, "jane"};
    EXPECT_EQ(jane.lines(), Lines{"jane joined the room"});
  }
  EXPECT_EQ(john.lines(), (Lines{"jane joined the room", "jane left the room"}));
}

TEST_F(Presences, of_one_person_at_two_connections_are_one_in_lines_and_two_in_the_list) {
  Guest john{stage, "john"};
  std::optional<Guest> one{std::in_place, stage, "jane"}, other{std::in_place, stage, "jane"};
  EXPECT_EQ(john.lines(), (Lines{"john joined the room", "jane joined the room"}));
  EXPECT_EQ(other->lines(), Lines{"jane joined the room"}) << "it is told of itself";
  settle({&john});
  one.reset();
  stage.advance(1s);
  EXPECT_EQ(john.lines(), Lines{});
  EXPECT_EQ(john.lists().back(), "john, jane");
  other.reset();
  EXPECT_EQ(john.lines(), Lines{"jane left the room"});
}

TEST_F(Presences, of_one_person_at_two_connections_go_on_and_the_list_shows_at_once_that_one_was_left_whatever_for) {
  for (const auto how : {CloseCode::normal, CloseCode::going_away}) {
    Guest john{stage, "john"}, one{stage, "jane"}, other{stage, "jane"};
    settle({&john});
    one.leave(how);
    EXPECT_EQ(john.lists(), Lines{"john, jane"}) << static_cast<int>(how);
    EXPECT_EQ(john.lines(), Lines{});
  }
}

TEST_F(Presences, with_one_id_and_two_nicknames_are_two_people) {
  Guest john{stage, "john"};
  std::optional<Guest> one{std::in_place, stage, "jane", "id"}, other{std::in_place, stage, "ann", "id"};
  EXPECT_EQ(john.lines(), (Lines{"john joined the room", "jane joined the room", "ann joined the room"}));
  one.reset();
  EXPECT_EQ(john.lines(), Lines{"jane left the room"});
}

TEST_F(Presences, of_who_is_back_in_time_were_never_interrupted) {
  Guest john{stage, "john"};
  std::optional<Guest> jane{std::in_place, stage, "jane"};
  Guest bob{stage, "bob"};
  for (const auto away : {0ms, 1000ms, 1999ms}) {
    settle({&john, &bob});
    jane->reload();
    stage.advance(away);
    jane.emplace(stage, "jane");
    EXPECT_EQ(jane->lines(), Lines{"jane joined the room"}) << "it is told of itself";
    EXPECT_EQ(jane->lists(), Lines{"john, jane, bob"}) << "and of the others, in their order";
    stage.advance(10s);
    EXPECT_EQ(john.lines(), Lines{});
    EXPECT_EQ(john.lists(), Lines{});
  }
}

TEST_F(Presences, of_who_is_not_back_in_time_end_then) {
  Guest john{stage, "john"}, jane{stage, "jane"}, bob{stage, "bob"};
  settle({&john});
  jane.reload();
  stage.advance(500ms);
  bob.reload();
  stage.advance(1499ms);
  EXPECT_EQ(john.lines(), Lines{});
  EXPECT_EQ(john.lists(), Lines{});
  stage.advance(1ms);
  EXPECT_EQ(john.lines(), Lines{"jane left the room"});
  EXPECT_EQ(john.lists(), Lines{"john, bob"});
  stage.advance(499ms);
  EXPECT_EQ(john.lines(), Lines{});
  stage.advance(1ms);
  EXPECT_EQ(john.lines(), Lines{"bob left the room"});
  Guest back{stage, "jane"};
  EXPECT_EQ(john.lines(), Lines{"jane joined the room"});
}

TEST_F(Presences, of_who_is_away_are_taken_up_by_nobody_else) {
  Guest john{stage, "john"}, jane{stage, "jane"};
  settle({&john});
  jane.reload();
  Guest bob{stage, "bob"};
  EXPECT_EQ(john.lines(), Lines{"bob joined the room"});
  EXPECT_EQ(john.lists(), Lines{"john, jane, bob"});
  stage.advance(2s);
  EXPECT_EQ(john.lines(), Lines{"jane left the room"});
}

TEST_F(Presences, end_at_once_of_who_leaves_for_good_or_is_sent_away) {
  Guest john{stage, "john"};
  for (const auto code : {CloseCode::normal, CloseCode::policy, CloseCode::kept_breaking_limits, CloseCode::protocol_error}) {
    Guest jane{stage, "jane"};
    settle({&john});
    jane.leave(code);
    EXPECT_EQ(john.lines(), Lines{"jane left the room"}) << static_cast<int>(code);
    EXPECT_EQ(john.lists(), Lines{"john"});
  }
  for (const auto code : {CloseCode{0}, CloseCode{1001}, CloseCode{1005}, CloseCode::too_big}) {
    Guest jane{stage, "jane"};
    settle({&john});
    jane.leave(code);
    EXPECT_EQ(john.lines(), Lines{}) << static_cast<int>(code);
    settle({&john});
  }
}

TEST_F(Presences, go_on_under_another_nickname_in_one_line) {
  Guest john{stage, "john"};
  std::optional<Guest> jane{std::in_place, stage, "jane", "id"};
  const auto position = jane->position();
  settle({&john});
  jane->reload();
  stage.advance(1s);
  Guest first{stage, "ann", "id"};  // after the previous connection has ended
  EXPECT_EQ(john.lines(), Lines{"jane is now ann"});
  EXPECT_EQ(john.lists(), Lines{"john, ann"});
  settle({&john});
  Guest second{stage, "eve", "id", position};  // before the previous connection has ended, and resumes
  EXPECT_EQ(john.lines(), Lines{});
  first.leave();
  EXPECT_EQ(john.lines(), Lines{"ann is now eve"});
  stage.advance(1s);
  EXPECT_EQ(john.lists().back(), "john, eve");
  settle({&john});
  Guest third{stage, "joe", "id", position};
  stage.advance(1999ms);
  EXPECT_EQ(john.lines(), Lines{});
  stage.advance(1ms);
  EXPECT_EQ(john.lines(), Lines{"joe joined the room"}) << "the connection of before has stayed";
}

TEST_F(Presences, keep_their_place_in_the_list_under_another_nickname) {
  std::optional<Guest> jane{std::in_place, stage, "jane", "id"};
  Guest john{stage, "john"}, bob{stage, "bob"};
  settle({&john});
  jane->reload();
  Guest ann{stage, "ann", "id"};
  stage.advance(1s);
  EXPECT_EQ(john.lists().back(), "ann, john, bob");
}

TEST_F(Presences, are_as_many_as_there_are_connections_whoever_they_turn_out_to_be) {
  const auto count = [&] { return stage.world.directory->fullest(1, 10).fullest.at(0).members; };
  std::optional<Guest> john{std::in_place, stage, "john", "id"};
  const auto position = john->position();
  EXPECT_EQ(count(), 1U);
  Guest joe{stage, "joe", "id", position};
  EXPECT_EQ(count(), 2U) << "nobody knows yet who he is";
  john->reload();
  EXPECT_EQ(count(), 1U);
  stage.advance(10s);
  EXPECT_EQ(count(), 1U);
  Guest jane{stage, "jane"};
  jane.reload();
  EXPECT_EQ(count(), 1U) << "she is away";
}

TEST_F(Presences, of_who_resumes_are_not_told_to_itself) {
  Guest john{stage, "john"};
  std::optional<Guest> jane{std::in_place, stage, "jane"};
  const auto position = jane->position();
  settle({&john});
  jane->reload();
  jane.emplace(stage, "jane", "", position);
  EXPECT_EQ(jane->lines(), Lines{});
  EXPECT_EQ(jane->lists(), Lines{"john, jane"});
  Guest bob{stage, "bob", "", position};
  EXPECT_EQ(john.lines(), Lines{"bob joined the room"}) << "the others are told of who was not here";
}

// The previous connections were "jane" and "ann", and both have gone; whoever comes now is one of the two.
TEST_F(Presences, of_two_nicknames_that_are_away_are_each_taken_up_by_who_has_it) {
  for (const auto& [gone_first, gone_last, back] : std::vector<std::array<const char*, 3>>{
           {"jane", "ann", "jane"}, {"jane", "ann", "ann"}, {"ann", "jane", "jane"}, {"ann", "jane", "ann"}}) {
    SCOPED_TRACE(std::string{gone_first} + ", then " + gone_last + "; back is " + back);
    Guest john{stage, "john"};
    std::optional<Guest> first{std::in_place, stage, gone_first, "id"}, last{std::in_place, stage, gone_last, "id"};
    settle({&john});
    first->reload();
    last->reload();
    stage.advance(1s);
    Guest again{stage, back, "id"};
    EXPECT_EQ(john.lines(), Lines{}) << "its nickname is what it was";
    stage.advance(1s);
    const std::string other = back == std::string{gone_first} ? gone_last : gone_first;
    EXPECT_EQ(john.lines(), Lines{other + " left the room"});
    EXPECT_EQ(john.lists(), Lines{std::string{"john, "} + back});
  }
}

// A client that connects under a second nickname is somebody else only if its connection under the first one stays.
TEST_F(Presences, of_a_second_nickname_that_goes_before_that_is_settled_leave_no_trace) {
  for (const auto how : {CloseCode::normal, CloseCode::going_away}) {
    SCOPED_TRACE(static_cast<int>(how));
    Guest john{stage, "john"}, jane{stage, "jane", "id"};
    const auto position = jane.position();
    settle({&john, &jane});
    Guest ann{stage, "ann", "id", position};
    stage.advance(1s);
    EXPECT_EQ(john.lists().back(), "john, jane, ann");
    ann.leave(how);
    stage.advance(10s);
    EXPECT_EQ(john.lists(), Lines{"john, jane"});
    EXPECT_EQ(john.lines(), Lines{});
    EXPECT_EQ(stage.world.directory->fullest(1, 9).fullest.at(0).people, (Lines{"john", "jane"}));
  }
}

// People come and go at random, under random ids and nicknames.
TEST_F(Presences, end_by_chance_too_with_the_true_list) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    const auto below = [&](std::size_t n) { return random() % n; };
    Guest john{stage, "john"};
    const auto position = john.position();
    std::vector<std::unique_ptr<Guest>> here;
    std::vector<std::string> names;
    for (int step = 0; step < 60; ++step) {
      if (here.empty() || below(2) == 0) {
        names.push_back("name " + std::to_string(below(3)));
        const auto since = below(2) == 0 ? std::optional{position} : std::nullopt;
        here.push_back(std::make_unique<Guest>(stage, names.back(), "id " + std::to_string(below(2)), since));
      } else {
        const auto one = below(here.size());
        here[one]->leave(below(2) == 0 ? CloseCode::normal : CloseCode::going_away);
        here.erase(here.begin() + static_cast<std::ptrdiff_t>(one));
        names.erase(names.begin() + static_cast<std::ptrdiff_t>(one));
      }
      stage.advance(std::chrono::milliseconds{below(1500)});
    }
    stage.advance(10s);
    auto told = john.take("users_update").back()["content"].get<std::vector<std::string>>();
    names.push_back("john");
    std::ranges::sort(told);
    std::ranges::sort(names);
    EXPECT_EQ(told, names);
    const auto here_now = stage.world.directory->fullest(1, 99).fullest.at(0);
    EXPECT_EQ(here_now.members, names.size());
    EXPECT_EQ(here_now.people.size(), names.size());
  }
}

struct PresencesOfMany : Presences {
  PresencesOfMany() : Presences{{{"announce", 1000}, {"list", 1000}}} {}
};

TEST_F(PresencesOfMany, are_waited_for_of_a_hundred_at_a_time) {
  Guest john{stage, "john"};
  std::deque<Guest> people;
  for (int i = 0; i <= 100; ++i) people.emplace_back(stage, "guest " + std::to_string(i));
  settle({&john});
  for (std::size_t i = 0; i < 100; ++i) people[i].reload();
  EXPECT_EQ(john.lines(), Lines{});
  EXPECT_EQ(stage.world.directory->fullest(1, 9).fullest.at(0).members, 2U) << "but who is away is not here";
  EXPECT_EQ(stage.world.directory->fullest(1, 9).fullest.at(0).people, (std::vector<std::string>{"john", "guest 100"}));
  people[100].reload();
  EXPECT_EQ(john.lines(), Lines{"guest 0 left the room"});
}

TEST_F(PresencesOfMany, have_their_lines_together_once_an_interval_and_before_any_message) {
  Actor john{stage, "john"};
  std::deque<Guest> people;
  for (int i = 1; i <= 30; ++i) people.emplace_back(stage, "guest " + std::to_string(i));
  auto& first = people.front();
  stage.advance(250ms);
  EXPECT_EQ(first.lines().size(), 30U);
  first.inbox.messages.clear();
  people.emplace_back(stage, "late");
  EXPECT_EQ(first.lines(), Lines{}) << "the room is busy";
  EXPECT_EQ(people.back().lines(), Lines{});
  people.back().leave();
  john.send("note", 1);
  const auto& said = first.inbox.messages;
  ASSERT_EQ(said.size(), 3U);
  EXPECT_EQ(said[0]["content"], "late joined the room");
  EXPECT_EQ(said[1]["content"], "late left the room");
  EXPECT_EQ(said[2]["type"], "note");
  first.inbox.messages.clear();
  people.emplace_back(stage, "last");
  stage.advance(250ms);
  EXPECT_EQ(first.lines(), Lines{"last joined the room"});
  EXPECT_EQ(first.lists().back().substr(0, 4), "john");
  stage.advance(10s);
  people.emplace_back(stage, "even later");
  EXPECT_EQ(first.lines(), Lines{"even later joined the room"}) << "at once, for it was quiet";
}

struct PresencesOfFew : Presences {
  PresencesOfFew() : Presences{{{"announce", 2}, {"list", 2}, {"absence", "0s"}}} {}
};

TEST_F(PresencesOfFew, have_lines_up_to_so_many_and_are_listed_up_to_so_many) {
  Guest john{stage, "john"};
  std::optional<Guest> jane{std::in_place, stage, "jane"};
  EXPECT_EQ(john.lines(), (Lines{"john joined the room", "jane joined the room"}));
  settle({&john});
  std::optional<Guest> bob{std::in_place, stage, "bob"};
  EXPECT_EQ(john.lines(), Lines{});
  EXPECT_EQ(bob->lines(), Lines{});
  EXPECT_EQ(john.lists(), Lines{"john, jane of 3"});
  settle({&john});
  Guest ann{stage, "ann"};
  settle({&john});
  bob.reset();
  EXPECT_EQ(john.lines(), Lines{});
  EXPECT_EQ(john.lists(), Lines{"john, jane of 3"});
  settle({&john});
  jane.reset();
  EXPECT_EQ(john.lists(), Lines{"john, ann"}) << "all of them, without a count";
  EXPECT_EQ(john.lines(), Lines{"jane left the room"}) << "for so many are left";
}

TEST_F(PresencesOfFew, end_at_once_if_nobody_is_waited_for) {
  Guest john{stage, "john"}, jane{stage, "jane"};
  settle({&john});
  jane.reload();
  EXPECT_EQ(john.lines(), Lines{"jane left the room"});
  EXPECT_EQ(john.lists(), Lines{"john"});
}

// What the whole server counts.
TEST_F(Presences, messages_and_deliveries_are_counted) {
  const auto figures = [&] { return stage.world.server_figures(stage.registry->plugins()); };
  EXPECT_EQ(figures().connections, 0U);
  EXPECT_EQ(figures().rooms, 0U);
  std::optional<Actor> john{std::in_place, stage, "john"}, jane{std::in_place, stage, "jane"};
  Actor bob{stage, "bob", 0, {}, "elsewhere"};
  stage.advance(1s);
  const auto before = figures();
  EXPECT_EQ(before.connections, 3U);
  EXPECT_EQ(before.rooms, 2U);
  EXPECT_EQ(before.messages, 0U);
  john->send("note", 1);
  bob.send("note", 1);
  john->send("blink", 1);
  for (const auto* what : {"refuse", "throw"}) john->send("note", what);
  john->send("ask", nullptr);
  EXPECT_EQ(figures().messages - before.messages, 3U);
  EXPECT_EQ(figures().deliveries - before.deliveries, 5U);
  EXPECT_EQ(stage.world.crowds->about("general"), 2U);
  jane.reset();
  EXPECT_EQ(figures().connections, 2U);
  john.reset();
  EXPECT_EQ(figures().rooms, 2U) << "it was left just now";
  EXPECT_EQ(stage.world.crowds->about("general"), 0U);
  stage.advance(1min);
  EXPECT_EQ(figures().rooms, 1U);
}

}  // namespace
}  // namespace hubbub::rooms

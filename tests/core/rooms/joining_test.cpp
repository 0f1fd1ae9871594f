// How somebody comes in for whom there is much: in pages, as the connection takes them.
#include <gtest/gtest.h>

#include <numeric>
#include <optional>

#include "core/rooms/slow_store.hpp"
#include "core/rooms/stage.hpp"
#include "store/memory.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;
Seqs range(std::uint64_t first, std::uint64_t last) {
  Seqs all(last - first + 1);
  std::iota(all.begin(), all.end(), first);
  return all;
}

config::Config with_greeter(const Json& options, config::Environment more = {}) {
  more["HUBBUB_PLUGINS__GREETER"] = options.dump();
  more.try_emplace("HUBBUB_WEBSOCKET__RATE__BURST", "1000000");
  return configured(more);
}

struct Newcomers : ::testing::Test {
  explicit Newcomers(const Json& options = Json::object(), config::Environment more = {}, store::Retention retention = {})
      : store{retention, 10}, stage{store, 2, with_greeter(options, std::move(more))} {
    stage.run();
    epoch = jane->take("welcome").at(0)["content"]["epoch"];
  }

  void say(int times, std::size_t size = 1000) {
    for (int i = 0; i < times; ++i) jane->send("mark", std::string(size, 'x'));
    stage.run();
    jane->inbox.messages.clear();
  }
  // Takes one page.
  void read_on(Actor& actor, std::size_t place = 0) {
    stage.shards[place].enter([&] { actor.inbox.read_on(); });
    stage.run();
  }
  void read_all(Actor& actor, std::size_t place = 0) {
    while (actor.inbox.wanted) read_on(actor, place);
  }
  std::optional<JoinRequest::Position> after(std::uint64_t seq) { return JoinRequest::Position{epoch, seq}; }

  store::MemoryStore store;
  Stage stage;
  std::optional<Actor> jane{std::in_place, stage, "jane"};
  std::string epoch;
};

TEST_F(Newcomers, get_a_long_log_in_pages_as_they_take_them_and_then_what_happens) {
  say(1000);
  for (const std::size_t place : {0U, 1U}) {
    Actor bob{stage, "bob", place, after(10), "general", {}, false};
    stage.run();
    const auto welcome = bob.take("welcome").at(0)["content"];
    EXPECT_EQ(welcome["recovered"], true);
    EXPECT_EQ(welcome["seq"], place == 0 ? 1000 : 1301) << "the last that there is";
    EXPECT_GT(bob.count("mark"), 0U);
    EXPECT_LT(bob.count("mark"), 100U);
    say(300);
    EXPECT_LT(bob.count("mark"), 100U) << "a page at a time";
    EXPECT_EQ(jane->count("users_update"), 0U) << "nobody is told before it is in";
    read_all(bob, place);
    say(1);
    const std::uint64_t last = place == 0 ? 1301 : 1602;
    EXPECT_EQ(seqs(bob, "mark"), range(11, last));
    EXPECT_EQ(bob.count("welcome"), 0U);
  }
}

TEST_F(Newcomers, are_no_deliveries_before_they_are_in) {
  const auto deliveries = [&] { return stage.world.server_figures(stage.registry->plugins()).deliveries; };
  say(1000);
  Actor bob{stage, "bob", 0, after(0), "general", {}, false};
  stage.run();
  const auto before = deliveries();
  say(1);
  EXPECT_EQ(deliveries() - before, 1U);
}

TEST_F(Newcomers, are_in_once_they_have_caught_up_with_a_room_that_goes_on) {
  say(1000);
  Actor bob{stage, "bob", 0, after(0), "general", {}, false};
  stage.run();
  while (bob.inbox.wanted) {
    jane->send("mark", "another");
    read_on(bob);
  }
  jane->send("mark", "last");
  stage.run();
  const auto got = seqs(bob, "mark");
  EXPECT_EQ(got, range(1, got.size()));
  EXPECT_EQ(got.size(), 1000 + jane->count("mark"));
}

TEST_F(Newcomers, may_say_something_meanwhile_which_comes_once_they_are_in) {
  say(1000);
  Actor bob{stage, "bob", 0, after(0), "general", {}, false};
  bob.send("mark", "mine", 1);
  bob.send("ask", nullptr, 2);
  bob.send("nobody's", nullptr, 3);
  stage.run();
  EXPECT_EQ(jane->count("mark"), 0U);
  EXPECT_EQ(bob.count("answer"), 0U);
  read_all(bob);
  EXPECT_EQ(jane->take("mark").at(0)["content"], "mine");
  EXPECT_EQ(bob.take("answer").size(), 1U);
  EXPECT_EQ(bob.take("error").at(0)["ref"], 3);
  EXPECT_EQ(seqs(bob, "mark"), range(1, 1001));
}

TEST_F(Newcomers, are_heard_where_they_go_before_they_are_in) {
  say(1000);
  Actor bob{stage, "bob", 0, after(0), "general", {}, false};
  stage.run();
  bob.send("mark", "mine");
  stage.run();
  bob.leave();
  stage.run();
  EXPECT_EQ(jane->take("mark").at(0)["content"], "mine");
  EXPECT_EQ(jane->count("system"), 0U);
}

TEST_F(Newcomers, are_not_waited_for_when_they_are_sent_away) {
  say(1000);
  for (const bool speaks : {false, true}) {
    Actor bob{stage, "bob", 0, after(0), "general", {}, false};
    stage.run();
    if (speaks) bob.send("mark", "too late", 1);
    stage.home().enter([&] { stage.hub.expel(stage.last_member, CloseCode::policy, "go away"); });
    stage.run();
    EXPECT_EQ(bob.inbox.closed, CloseCode::policy) << "however little of the log it has";
    EXPECT_LT(bob.count("mark"), 100U);
  }
}

// A client that brings its key may have lost a connection of which nobody here has heard yet.
TEST_F(Newcomers, have_other_connections_of_the_same_client_probed_and_nobody_elses) {
  Actor ann{stage, "ann"}, namesake{stage, "ann"}, john{stage, "john"};
  stage.run();
  const auto key = ann.key();
  Actor stranger{stage, "john", 1, {}, "general", key};
  stage.run();
  EXPECT_FALSE(ann.inbox.probed) << "the key was brought with another id";
  Actor back{stage, "ann", 1, {}, "general", key};
  stage.run();
  EXPECT_TRUE(ann.inbox.probed);
  for (auto* actor : {&namesake, &john, &stranger, &back}) EXPECT_FALSE(actor->inbox.probed);
}

struct NewcomersThatTalk : Newcomers {
  NewcomersThatTalk() : Newcomers{Json::object(), {{"HUBBUB_WEBSOCKET__OUTBOX", "64KiB"}}} {}
};

TEST_F(NewcomersThatTalk, are_refused_what_would_be_too_much_to_keep_for_them) {
  say(1000);
  Actor bob{stage, "bob", 0, after(0), "general", {}, false};
  stage.run();
  for (int i = 1; i <= 10; ++i) bob.send("mark", std::string(10'000, 'x'), i);
  stage.run();
  const auto errors = bob.take("error");
  ASSERT_EQ(errors.size(), 4U);
  EXPECT_EQ(errors[0]["code"], "unavailable");
  EXPECT_EQ(errors[0]["ref"], 7);
  read_all(bob);
  EXPECT_EQ(jane->count("mark"), 6U);
}

struct NewcomersOfAShortLog : Newcomers {
  NewcomersOfAShortLog()
      : Newcomers{Json::object(), {{"HUBBUB_STORE__SNAPSHOT_EVERY", "100"}}, store::Retention{500, 64U << 20U, 24h}} {}
};

TEST_F(NewcomersOfAShortLog, are_closed_where_what_comes_next_has_been_forgotten_and_begin_anew) {
  say(450);
  Actor bob{stage, "bob", 0, after(0), "general", {}, false};
  stage.run();
  EXPECT_EQ(bob.take("welcome").at(0)["content"]["recovered"], true);
  say(1000);
  read_all(bob);
  EXPECT_EQ(bob.inbox.closed, CloseCode::too_slow);
  const auto got = seqs(bob, "mark");
  ASSERT_FALSE(got.empty());
  EXPECT_EQ(got, range(1, got.back()));
  Actor again{stage, "bob", 0, after(got.back())};
  stage.run();
  EXPECT_EQ(again.take("welcome").at(0)["content"]["recovered"], false);
  EXPECT_EQ(again.take("greeted").size(), 1U);
}

struct LargeGreeting : Newcomers {
  LargeGreeting() : Newcomers{{{"messages", 200}, {"size", 1000}}} {}
};

TEST_F(LargeGreeting, is_handed_over_in_pages_too_and_then_what_was_logged_meanwhile) {
  say(5);
  Actor bob{stage, "bob", 0, {}, "general", {}, false};
  stage.advance(10s);  // where making it takes a while, there is a share of the time for that
  EXPECT_EQ(bob.take("welcome").at(0)["content"]["seq"], 5);
  EXPECT_LT(bob.count("greeted"), 100U);
  say(300);
  EXPECT_EQ(bob.count("mark"), 0U);
  read_all(bob);
  const auto greeted = bob.take("greeted");
  ASSERT_EQ(greeted.size(), 200U);
  for (std::size_t i = 0; i < greeted.size(); ++i) EXPECT_EQ(greeted[i]["content"]["number"], i);
  say(1);
  EXPECT_EQ(seqs(bob, "mark"), range(6, 306));
  stage.advance(1s);
  EXPECT_EQ(bob.count("users_update"), 1U);
}

int times(Actor& actor) { return actor.take("greeted").at(0)["content"]["times"]; }

TEST_F(Newcomers, share_a_greeting_as_long_as_the_state_is_the_same) {
  jane->send("mark", 0);
  Actor bob{stage, "bob"}, john{stage, "john", 1};
  stage.run();
  const int first = times(bob);
  EXPECT_EQ(times(john), first);
  jane->send("note", "another plugin's");
  Actor joe{stage, "joe"};
  stage.run();
  EXPECT_EQ(times(joe), first);
  jane->send("mark", 1);
  Actor ann{stage, "ann"}, eve{stage, "eve"};
  stage.run();
  EXPECT_EQ(times(ann), first + 1);
  EXPECT_EQ(times(eve), first + 1);
}

// A plugin that comes with a reload has much to greet with.
struct LateGreeting : ::testing::Test {
  void use(config::Config config) {
    stage.home().enter([&] { stage.hub.use(std::make_shared<const plugins::Registry>(config.plugins)); });
  }
  static Json names(Actor& actor) {
    const auto lists = actor.take("users_update");
    return lists.empty() ? Json{} : lists.back()["content"];
  }
  const Json large{{"messages", 100}, {"size", 2000}};
  store::MemoryStore store{{}, 10};
  Stage stage{store, 2};
};

TEST_F(LateGreeting, does_not_keep_from_a_slow_reader_who_comes_and_goes_meanwhile) {
  std::optional<Actor> jane{std::in_place, stage, "jane", 1}, bob{std::in_place, stage, "bob"};
  stage.advance(1s);
  jane->inbox.reads = false;
  use(with_greeter(large));
  stage.run();
  EXPECT_LT(jane->count("greeted"), 100U);
  bob.reset();
  Actor john{stage, "john"};
  stage.advance(10s);
  while (jane->inbox.wanted) {
    stage.shards[1].enter([&] { jane->inbox.read_on(); });
    stage.advance(1s);
  }
  EXPECT_EQ(jane->count("greeted"), 100U);
  EXPECT_EQ(names(*jane), (Json{"jane", "john"}));
  EXPECT_EQ(jane->inbox.closed, std::nullopt);
}

// It has to come anew, and does so in a moment.
TEST_F(LateGreeting, that_the_next_reload_breaks_off_is_nobodys_coming_and_going) {
  Actor bob{stage, "bob"};
  std::optional<Actor> jane{std::in_place, stage, "jane", 1};
  stage.advance(1s);
  jane->inbox.reads = false;
  use(with_greeter(large));
  stage.run();
  EXPECT_LT(jane->count("greeted"), 100U);
  use(with_greeter(large, {{"HUBBUB_PLUGINS__TALLY", "{}"}}));
  stage.run();
  EXPECT_EQ(jane->inbox.closed, CloseCode::too_slow);
  bob.inbox.messages.clear();
  jane.reset();
  stage.advance(1s);
  jane.emplace(stage, "jane", 1);
  stage.run();
  stage.advance(10s);
  EXPECT_EQ(jane->count("greeted"), 100U);
  EXPECT_EQ(jane->count("tally"), 1U);
  EXPECT_EQ(bob.count("system"), 0U) << bob.take("system").at(0);
  jane.reset();
  stage.advance(1s);
  EXPECT_EQ(bob.take("system").at(0)["content"], "jane left the room");
}

TEST_F(LateGreeting, reaches_those_who_wait_for_their_turn_with_that_of_the_plugins_before) {
  use(with_greeter(large));
  Actor jane{stage, "jane"};
  stage.run();
  std::deque<Actor> people;
  for (int i = 0; i < 20; ++i) people.emplace_back(stage, "person " + std::to_string(i), i % 2);
  for (int i = 0; i < 5; ++i) stage.home().run_one();
  use(with_greeter(large, {{"HUBBUB_PLUGINS__TALLY", "{}"}}));
  stage.advance(10s);
  for (auto& person : people) {
    if (person.inbox.closed) continue;  // it comes again
    EXPECT_EQ(person.count("welcome"), 1U);
    EXPECT_EQ(person.count("greeted"), 100U);
    EXPECT_EQ(person.count("tally"), 1U);
  }
  EXPECT_LT(std::ranges::count_if(people, [](const auto& person) { return person.inbox.closed.has_value(); }), 20);
}

TEST_F(LateGreeting, is_nothing_to_one_who_leaves_as_it_begins) {
  Actor jane{stage, "jane", 1};
  stage.advance(1s);
  use(with_greeter(large));
  jane.leave();
  stage.advance(10s);
  Actor bob{stage, "bob", 1};
  stage.advance(1s);
  EXPECT_EQ(bob.count("greeted"), 100U);
  EXPECT_EQ(names(bob), Json{"bob"});
}

TEST_F(LateGreeting, is_kept_no_longer_than_another) {
  Actor jane{stage, "jane"};
  stage.advance(1s);
  use(with_greeter({{"messages", 100}, {"size", 2000}, {"followed", true}}));
  stage.advance(1s);
  const int made = times(jane);
  stage.advance(1min);
  Actor john{stage, "john"};
  stage.advance(1s);
  EXPECT_EQ(times(john), made + 1);
}

// Or else a slow reader would be greeted with a part of the state, and never know.
TEST_F(Newcomers, are_greeted_with_what_must_not_be_dropped_though_the_type_is_ephemeral) {
  Actor bob{stage, "bob"};
  stage.run();
  const auto greeted = std::ranges::find(bob.inbox.messages, "greeted", [](const Json& message) { return message["type"].get<std::string>(); });
  ASSERT_NE(greeted, bob.inbox.messages.end());
  EXPECT_FALSE(bob.inbox.deliveries.at(static_cast<std::size_t>(greeted - bob.inbox.messages.begin())).droppable);
}

struct GreetingOfThree : Newcomers {
  GreetingOfThree() : Newcomers{{{"messages", 3}}} {}
};

TEST_F(GreetingOfThree, is_whole_for_the_next_though_it_failed_in_the_middle_for_one) {
  jane->send("mark", {{"fails", true}});
  for (const auto greeted : {1U, 3U, 3U}) {
    Actor bob{stage, "bob"};
    stage.run();
    EXPECT_EQ(bob.count("greeted"), greeted);
  }
}

struct GreetingOfOne : Newcomers {
  GreetingOfOne() : Newcomers{{{"shared", false}}} {}
};

TEST_F(GreetingOfOne, is_made_for_each) {
  Actor bob{stage, "bob"}, john{stage, "john"};
  stage.run();
  EXPECT_EQ(bob.take("greeted").at(0)["content"]["for"], "bob");
  EXPECT_EQ(john.take("greeted").at(0)["content"]["for"], "john");
}

TEST(Newcomer, is_greeted_anew_when_somebody_has_left_or_the_plugin_was_woken) {
  store::MemoryStore store{{}, 10};
  Stage stage{store, 1, configured({{"HUBBUB_PLUGINS__LEAVERS", "{}"}})};
  Actor jane{stage, "jane"}, john{stage, "john"};
  const auto left = [&] { return Actor{stage, "bob"}.take("left").at(0)["content"].get<int>(); };  // and leaves himself
  EXPECT_EQ(left(), 0);
  EXPECT_EQ(left(), 1);
  john.leave();
  EXPECT_EQ(left(), 3);
  stage.advance(1s);
  EXPECT_EQ(left(), 0);
}

struct GreetingThatTakesLong : Newcomers {
  GreetingThatTakesLong() : Newcomers{{{"takes", "20ms"}}} {}
};

TEST_F(GreetingThatTakesLong, takes_a_share_of_the_time_however_many_come) {
  const int first = times(*jane);
  std::deque<Actor> people;
  for (int i = 0; i < 100; ++i) {  // two seconds
    jane->send("mark", i);
    people.emplace_back(stage, "person " + std::to_string(i));
    stage.advance(20ms);
  }
  stage.advance(1min);
  int last = first;
  for (auto& person : people) {
    ASSERT_EQ(person.count("greeted"), 1U);
    const int its = times(person);
    EXPECT_GE(its, last);
    last = its;
  }
  EXPECT_LT(last - first, 20);
}

TEST_F(GreetingThatTakesLong, is_not_made_for_who_is_gone_at_once) {
  jane->send("mark", 1);
  const int first = times(*jane);
  for (int i = 0; i < 10; ++i) {
    Actor bob{stage, "bob"};
  }
  stage.advance(10s);
  Actor john{stage, "john"};
  stage.advance(10s);
  EXPECT_EQ(times(john), first + 1);
}

TEST_F(GreetingThatTakesLong, is_asked_for_a_share_of_the_time_and_whoever_asks) {
  Actor bob{stage, "bob"};
  stage.advance(10s);
  jane->take("greeted"), bob.take("greeted");
  for (int i = 0; i < 10; ++i) jane->send("ponder", nullptr, i);
  bob.send("ponder", nullptr);
  stage.run();
  EXPECT_LE(jane->take("greeted").size(), 6U);
  EXPECT_EQ(bob.take("greeted").size(), 0U);
  const auto refused = bob.take("error");
  ASSERT_EQ(refused.size(), 1U);
  EXPECT_EQ(refused[0]["code"], "rate_limited");
  const std::chrono::milliseconds wait{refused[0]["retry_after_ms"]};
  stage.advance(wait - 1ms);
  bob.send("ponder", nullptr, "too early");
  stage.advance(1ms);
  bob.send("ponder", nullptr, "again");
  stage.run();
  EXPECT_EQ(bob.take("error").at(0)["ref"], "too early");
  EXPECT_EQ(bob.take("greeted").at(0)["ref"], "again");
}

struct ManyShortGreetings : Newcomers {
  ManyShortGreetings() : Newcomers{{{"messages", 200}, {"shared", false}}} {}
};

TEST_F(ManyShortGreetings, are_nothing_that_one_who_is_greeted_for_longer_has_to_wait_for) {
  jane->send("mark", {{"takes_us", 900}});
  for (int i = 0; i < 1000; ++i) {
    Actor somebody{stage, "somebody"};
    stage.run();
    ASSERT_EQ(somebody.count("greeted"), 200U);
  }
  jane->send("mark", {{"takes_us", 20'000}});
  for (const auto* name : {"john", "bob"}) {
    Actor actor{stage, name};
    stage.advance(10ms);
    EXPECT_EQ(actor.count("greeted"), 200U);
  }
}

struct BesideAPluginThatIsOut : Newcomers {
  BesideAPluginThatIsOut() : Newcomers{{{"messages", 100}, {"size", 2000}}, {{"HUBBUB_PLUGINS__MOODY", "{}"}}} {}
};

TEST_F(BesideAPluginThatIsOut, a_slow_reader_comes_in_though_the_state_is_read_again) {
  setenv("MOODY", "yes", 1);
  jane.emplace(stage, "jane", 0, std::nullopt, "another room");
  stage.run();
  jane->send("mood", 1);
  EXPECT_EQ(jane->take("error").at(0)["code"], "unavailable");
  Actor bob{stage, "bob", 1, std::nullopt, "another room"};
  bob.inbox.reads = false;
  stage.run();
  read_on(bob, 1);
  jane->send("note", "throw in apply");
  stage.run();
  EXPECT_EQ(jane->take("error").at(0)["code"], "internal");
  read_all(bob, 1);
  unsetenv("MOODY");
  stage.advance(10s);
  EXPECT_EQ(bob.inbox.closed, std::nullopt);
  EXPECT_EQ(bob.count("greeted"), 100U);
  EXPECT_GE(bob.count("users_update"), 1U) << "he is in";
}

// Rooms of one shard, with somebody in each.
struct GreetingsOfManyRooms : ::testing::Test {
  GreetingsOfManyRooms() {
      for (int i = 0; i < 12; ++i) people.emplace_back(stage, "jane", 0, std::nullopt, room(i));
    stage.advance(1min);
    for (auto& one : people) one.inbox.messages.clear();
  }
  static std::string room(int i) { return "room " + std::to_string(i); }
  std::size_t greeted() {
    return static_cast<std::size_t>(std::ranges::count_if(people, [](Actor& one) { return one.count("greeted") > 0; }));
  }

  store::MemoryStore store{{}, 100};
  Stage stage{store, 1, with_greeter({{"takes", "20ms"}, {"shared", false}})};
  std::deque<Actor> people;
};

TEST_F(GreetingsOfManyRooms, take_a_share_of_the_time_together_though_they_come_at_once) {
  for (int i = 0; i < 12; ++i) people.emplace_back(stage, "bob", 0, std::nullopt, room(i));
  stage.advance(10ms);
  EXPECT_LE(greeted(), 7U);
  stage.advance(1min);
  EXPECT_EQ(greeted(), 12U);
}

TEST_F(GreetingsOfManyRooms, are_asked_for_a_share_of_the_time_together_and_none_waits_for_them_that_is_short) {
  const auto ask = [&](std::size_t first, std::size_t last) {
    for (; first < last; ++first) people[first].send("ponder", nullptr);
    stage.run();
  };
  ask(0, 11);  // how long it takes is not known yet
  EXPECT_EQ(greeted(), 11U);
  for (auto& one : people) one.inbox.messages.clear();
  ask(0, 11);
  EXPECT_EQ(greeted(), 0U);
  const std::chrono::milliseconds wait{people[3].take("error").at(0)["retry_after_ms"]};
  ask(11, 12);
  EXPECT_EQ(greeted(), 1U);
  stage.advance(wait + 1s);
  ask(0, 1);
  EXPECT_EQ(greeted(), 2U);
}

// What one of those who wait for it has said already, and is refused when that one comes in, is in nobody's state.
TEST(GreetingInAFullStore, is_of_what_was_stored) {
  store::MemoryStore store{{}, 10, 6000};
  Stage stage{store, 1, with_greeter({{"takes", "20ms"}})};
  Actor jane{stage, "jane"};
  for (int i = 0; i < 3; ++i) jane.send("mark", std::string(1000, 'x'));
  stage.advance(1min);
  Actor bob{stage, "bob"}, eve{stage, "eve"};
  bob.send("note", std::string(4000, 'x'), 1);  // to another plugin, so that the greeting stays
  stage.advance(1min);
  EXPECT_EQ(bob.take("error").at(0)["code"], "unavailable");
  EXPECT_EQ(eve.take("welcome").at(0)["content"]["seq"], 3);
  jane.send("mark", "short");
  stage.run();
  EXPECT_EQ(seqs(eve, "mark"), Seqs{4});
}

struct GreetingThatIsFollowed : Newcomers {
  GreetingThatIsFollowed() : Newcomers{{{"followed", true}, {"messages", 100}, {"size", 2000}, {"takes_us", 200}}} {}

  // Of which greeting somebody got the first message, and the marks that came with it.
  std::pair<int, Seqs> greet(const std::string& name) {
    Actor newcomer{stage, name};
    stage.advance(1s);
    const auto welcome = newcomer.take("welcome");
    EXPECT_EQ(welcome.at(0)["content"]["seq"], last);
    const auto greeted = newcomer.take("greeted");
    EXPECT_EQ(greeted.size(), 100U);
    return {greeted.at(0)["content"]["times"], seqs(newcomer, "mark")};
  }
  void mark(int times, std::size_t size = 100) {
    say(times, size);
    last += static_cast<std::uint64_t>(times);
  }
  std::uint64_t last = 0;
};

TEST_F(GreetingThatIsFollowed, is_kept_and_what_changed_the_state_comes_behind_it) {
  const int made = times(*jane);
  EXPECT_EQ(greet("bob"), (std::pair{made, Seqs{}}));
  mark(2);
  EXPECT_EQ(greet("john"), (std::pair{made, range(1, 2)}));
  EXPECT_EQ(greet("joe"), (std::pair{made, range(1, 2)}));
  jane->send("note", "another plugin's"), ++last;
  mark(1);
  EXPECT_EQ(greet("ann"), (std::pair{made, Seqs{1, 2, 4}}));
}

// What it shows may all have been removed meanwhile.
TEST_F(GreetingThatIsFollowed, is_made_anew_now_and_then_however_often_it_is_asked_for) {
  const int made = times(*jane);
  mark(1);
  std::vector<int> seen;
  for (int i = 0; i < 40; ++i) seen.push_back(greet("john").first);
  EXPECT_EQ(seen.front(), made);
  EXPECT_GE(seen.back(), made + 3);
  EXPECT_LE(seen.back(), made + 5);
}

// Somebody comes between any two messages, and takes all of it only in the end.
TEST_F(GreetingThatIsFollowed, is_whole_and_in_order_for_each_of_many_between_its_messages) {
  const int made = times(*jane);
  std::deque<Actor> people;
  for (int i = 0; i < 40; ++i) {
    people.emplace_back(stage, "person " + std::to_string(i), 0, std::nullopt, "general", std::nullopt, false);
    stage.run();
    mark(1 + i % 3);
  }
  for (auto& person : people) {
    read_all(person);
    const auto greeted = person.take("greeted");
    ASSERT_EQ(greeted.size(), 100U);
    EXPECT_EQ(greeted[0]["content"]["times"], made);
    EXPECT_EQ(seqs(person, "mark"), range(1, last));
  }
}

TEST_F(GreetingThatIsFollowed, is_made_anew_when_much_would_follow_it_or_nobody_has_asked_for_it) {
  const int made = times(*jane);
  mark(60, 1000);
  EXPECT_EQ(greet("john"), (std::pair{made, range(1, 60)}));
  mark(60, 1000);
  EXPECT_EQ(greet("joe"), (std::pair{made + 1, Seqs{}}));
  mark(1);
  stage.advance(1min);
  EXPECT_EQ(greet("ann"), (std::pair{made + 2, Seqs{}}));
}

TEST_F(GreetingThatIsFollowed, is_the_same_for_one_who_takes_it_slowly_while_others_write) {
  greet("john");
  mark(2);
  Actor bob{stage, "bob", 0, {}, "general", {}, false};
  stage.advance(1s);
  mark(2);
  greet("joe");
  mark(300);
  read_all(bob);
  EXPECT_EQ(bob.count("greeted"), 100U);
  EXPECT_EQ(seqs(bob, "mark"), range(1, last));
}

TEST_F(Newcomers, are_greeted_anew_for_each_state_where_that_is_little) {
  const auto options = Json{{"followed", true}};
  Stage small{store, 1, with_greeter(options)};
  Actor ann{small, "ann", 0, {}, "elsewhere"}, eve{small, "eve", 0, {}, "elsewhere"};
  small.run();
  const int first = times(ann);
  ann.send("mark", 1);
  Actor joe{small, "joe", 0, {}, "elsewhere"};
  small.run();
  EXPECT_EQ(times(joe), first + 1);
  EXPECT_EQ(joe.count("mark"), 0U);
}

// With a store that fails while somebody is on the way in.
struct NewcomersAtASlowStore : ::testing::Test {
  void answer() {
    stage.run();
    while (stage.home().enter([&] { return store.answer_one(); })) stage.run();
    stage.run();
  }
  SlowStore store;
  Stage stage{store, 1, with_greeter(Json::object())};
};

TEST_F(NewcomersAtASlowStore, go_on_where_they_were_when_it_can_be_read_again) {
  Actor jane{stage, "jane"};
  answer();
  const std::string epoch = jane.take("welcome").at(0)["content"]["epoch"];
  for (int i = 0; i < 1000; ++i) jane.send("mark", std::string(1000, 'x'));
  answer();
  Actor bob{stage, "bob", 0, JoinRequest::Position{epoch, 0}, "general", {}, false};
  answer();
  ASSERT_EQ(bob.count("welcome"), 1U);
  store.fails_to_append = true;
  jane.send("mark", "lost", "r");
  answer();
  EXPECT_EQ(jane.take("error").size(), 1U);
  store.fails_to_append = false;
  store.fails_to_read = true;
  stage.home().enter([&] { bob.inbox.read_on(); });
  answer();
  stage.advance(1s);
  answer();
  store.fails_to_read = false;
  stage.advance(2s);
  answer();
  jane.send("mark", "kept");
  answer();
  while (bob.inbox.wanted) {
    stage.home().enter([&] { bob.inbox.read_on(); });
    answer();
  }
  EXPECT_EQ(seqs(bob, "mark"), range(1, 1001));
  EXPECT_EQ(bob.count("welcome"), 1U);
  EXPECT_FALSE(bob.inbox.closed);
}

TEST_F(NewcomersAtASlowStore, have_the_room_opened_once_if_nothing_can_be_read_for_any_of_them) {
  Actor jane{stage, "jane"};
  answer();
  const std::string epoch = jane.take("welcome").at(0)["content"]["epoch"];
  for (int i = 0; i < 1000; ++i) jane.send("mark", std::string(1000, 'x'));
  answer();
  std::deque<Actor> people;
  for (const std::uint64_t after : {0, 100, 200}) {
    people.emplace_back(stage, "person", 0, JoinRequest::Position{epoch, after}, "general", std::nullopt, false);
    answer();
  }
  for (auto& person : people) stage.home().enter([&] { person.inbox.read_on(); });
  stage.run();
  ASSERT_EQ(store.waiting(), 3U);
  store.fails_to_read = true;
  for (int i = 0; i < 3; ++i) {
    stage.home().enter([&] { store.answer_one(); });
    stage.run();
  }
  EXPECT_EQ(store.waiting(), 1U) << "the opening";
  store.fails_to_read = false;
  answer();
  jane.send("mark", "kept");
  answer();
  for (auto& person : people) {
    while (person.inbox.wanted) {
      stage.home().enter([&] { person.inbox.read_on(); });
      answer();
    }
  }
  EXPECT_EQ(seqs(people[0], "mark"), range(1, 1001));
  EXPECT_EQ(seqs(people[1], "mark"), range(101, 1001));
  EXPECT_EQ(seqs(people[2], "mark"), range(201, 1001));
}

}  // namespace
}  // namespace hubbub::rooms

// What a type's rate makes of messages, by itself. See rates_test for what a room makes of that.
#include "rooms/pacer.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/rooms/stage.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;

// Of the probe, slow_note may be said once a second and blink ten times; of the witness, the question "rarely" once a second.
struct Pacing : ::testing::Test, private Pacer::Owner {
  const plugins::Route& route(const char* type) const { return *registry.find(type); }
  Sender& sender(MemberId member) { return senders.try_emplace(member, Sender{{"", "", member}, "", 0}).first->second; }
  // Whether it may go now.
  bool passes(MemberId member, const char* type, int content) {
    return pacer.pass(sender(member), route(type), {type, content, "", 0}).has_value();
  }
  std::chrono::milliseconds wait(MemberId member, const char* type) { return pacer.wait(sender(member), route(type)); }
  Texts take() { return std::exchange(events, {}); }
  void note(const char* what, const Sender& by, const Envelope& envelope) {
    events.push_back(std::string{what} + " " + std::to_string(by.who.connection) + ": " + envelope.content.dump());
  }
  Sender* find_sender(MemberId member) override {
    const auto found = senders.find(member);
    return found == senders.end() ? nullptr : &found->second;
  }
  void release(Sender& by, plugins::RouteKey key, Envelope&& envelope) override {
    EXPECT_EQ(key, route(envelope.type.c_str()).key);
    note("go", by, envelope);
  }
  void skip(Sender& by, const Envelope& envelope) override { note("skip", by, envelope); }

  const config::Config config = configured({{"HUBBUB_PLUGINS__WITNESS", "{}"}});
  const plugins::Registry registry{config.plugins};
  ManualShard shard;
  const ManualShard::Entered entered{shard};
  Texts events;
  TimeShare all_answers{4, 100ms};
  std::map<MemberId, Sender> senders;
  Pacer pacer{shard, all_answers, static_cast<Pacer::Owner&>(*this)};
};

TEST_F(Pacing, lets_everything_of_a_type_without_a_rate_go) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(wait(1, "note"), 0ms);
    EXPECT_TRUE(passes(1, "fleeting", i));
  }
  EXPECT_EQ(take(), Texts{});
}

TEST_F(Pacing, tells_how_long_to_wait_and_that_is_enough) {
  for (const auto* type : {"slow_note", "rarely"}) {
    for (const auto pause : {0ms, 1ms, 499ms, 999ms}) {
      EXPECT_EQ(wait(1, type), 0ms) << type;
      shard.advance(pause);
      const auto rest = wait(1, type);
      EXPECT_EQ(rest, 1000ms - pause) << type;
      EXPECT_EQ(wait(2, type), 0ms) << "each sender for itself";
      shard.advance(rest);
      EXPECT_EQ(wait(1, type), 0ms) << "a refusal costs nothing";
      shard.advance(10s);
      EXPECT_EQ(wait(1, type), 0ms);
      EXPECT_GT(wait(1, type), 0ms) << "a pause saves nothing up";
      shard.advance(10s);
    }
  }
}

TEST_F(Pacing, of_who_is_refused_because_answers_take_long_begins_when_there_is_time_for_one) {
  EXPECT_EQ(wait(1, "rarely"), 0ms);
  pacer.answered(route("rarely"), 1s);
  const auto rest = wait(2, "rarely");
  EXPECT_GT(rest, 0ms);
  shard.advance(rest - 1ms);
  EXPECT_EQ(wait(2, "rarely"), 1ms);
  shard.advance(1ms);
  EXPECT_EQ(wait(2, "rarely"), 0ms);
  EXPECT_GT(wait(2, "rarely"), 0ms) << "this one counts";
}

TEST_F(Pacing, holds_the_newest_and_says_what_it_took_the_place_of) {
  EXPECT_TRUE(passes(1, "blink", 1));
  for (int i = 2; i <= 4; ++i) EXPECT_FALSE(passes(1, "blink", i));
  EXPECT_EQ(take(), (Texts{"skip 1: 2", "skip 1: 3"}));
  shard.advance(99ms);
  EXPECT_EQ(take(), Texts{});
  shard.advance(1ms);
  EXPECT_EQ(take(), Texts{"go 1: 4"});
  EXPECT_FALSE(passes(1, "blink", 5)) << "what was released counts";
  shard.advance(100ms);
  EXPECT_EQ(take(), Texts{"go 1: 5"});
  shard.advance(10s);
  EXPECT_EQ(take(), Texts{}) << "once";
}

TEST_F(Pacing, lets_nothing_overtake_what_is_held_though_its_turn_has_come) {
  EXPECT_TRUE(passes(1, "blink", 1));
  EXPECT_FALSE(passes(1, "blink", 2));
  shard.pass(200ms);  // and the timer is late
  EXPECT_FALSE(passes(1, "blink", 3));
  EXPECT_EQ(take(), Texts{"skip 1: 2"});
  shard.advance(0ms);
  EXPECT_EQ(take(), Texts{"go 1: 3"});
}

TEST_F(Pacing, of_a_member_that_has_gone_leaves_nothing) {
  for (const MemberId member : {1U, 2U, 3U}) {
    for (int i = 0; i < 2; ++i) passes(member, "blink", i);
    wait(member, "slow_note");
  }
  senders.erase(2);
  shard.advance(100ms);
  EXPECT_EQ(take(), (Texts{"go 1: 1", "go 3: 1"}));
  EXPECT_GT(wait(1, "slow_note"), 0ms);
  EXPECT_EQ(wait(2, "slow_note"), 0ms);
  EXPECT_GT(wait(3, "slow_note"), 0ms);
}

TEST_F(Pacing, releases_all_at_once_before_a_reload_and_begins_anew_after_it) {
  for (const MemberId member : {1U, 2U}) {
    for (int i = 0; i < 2; ++i) passes(member, "blink", i);
  }
  wait(1, "slow_note");
  pacer.answered(route("calls"), 1s);
  pacer.release_all();
  EXPECT_EQ(take(), (Texts{"go 1: 1", "go 2: 1"}));
  const plugins::Registry reloaded{config.plugins};
  for (const auto* type : {"slow_note", "calls"}) EXPECT_EQ(pacer.wait(sender(1), *reloaded.find(type)), 0ms) << type;
  EXPECT_TRUE(pacer.pass(sender(1), *reloaded.find("blink"), {"blink", 2, "", 0}));
  shard.advance(10s);
  EXPECT_EQ(take(), Texts{});
}

TEST_F(Pacing, gives_answers_that_take_long_a_tenth_of_the_time_whoever_asks) {
  const auto& calls = route("calls");
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(wait(1, "calls"), 0ms);
    pacer.answered(calls, 200us);
  }
  EXPECT_EQ(wait(1, "calls"), 0ms) << "none of them took long";
  pacer.answered(calls, 100ms);
  EXPECT_EQ(wait(1, "calls"), 0ms) << "which is free at once";
  pacer.answered(calls, 20ms);
  for (const MemberId member : {1U, 2U}) EXPECT_EQ(wait(member, "calls"), 200ms);
  EXPECT_EQ(wait(1, "rarely"), 0ms) << "of this type";
  shard.advance(199ms);
  EXPECT_EQ(wait(1, "calls"), 1ms);
  shard.advance(1ms);
  EXPECT_EQ(wait(1, "calls"), 0ms);
}

}  // namespace
}  // namespace hubbub::rooms

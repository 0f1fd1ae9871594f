// How much somebody may send: what counts, what is asked first, when a rate starts anew, and that each has their own.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/rooms/slow_room.hpp"
#include "store/memory.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;

config::Environment with_rate(const Json& rate) {
  return {{"HUBBUB_WEBSOCKET__RATE", rate.dump()}, {"HUBBUB_PLUGINS__TALLY", "{}"}};
}

// A connection may send ten at once, and then ten a second.
struct Rates : ::testing::Test {
  explicit Rates(const Json& rate = {{"messages", 10}, {"burst", 10}, {"strikes", 3}}) : stage{store, 1, configured(with_rate(rate))} {}

  // Sends until it is told to slow down, and returns how many were taken.
  static int fill(Actor& actor) {
    for (int i = 0; i < 1000; ++i) {
      if (!is_taken(actor)) return i;
    }
    return 1000;
  }
  static bool is_taken(Actor& actor) {
    actor.inbox.messages.clear();
    actor.send("note", 1, "asked");
    return actor.count("note") == 1;
  }

  store::MemoryStore store{{}, 10};
  Stage stage;
};

const std::vector<std::string> malformed = {
    "",
    "{",
    "[1]",
    R"({"content":1})",
    R"({"type":"note","ref":{}})",
    R"({"type":"nobody's"})",
    R"({"type":"summed","content":1})",
    R"({"type":"word","content":1})",
    R"({"type":"note","content":"refuse"})",
    R"({"type":"sum","content":{}})",
    R"({"type":"ask"})",
    R"({"type":"blink","content":1})",
    R"({"type":"ping"})",
};

TEST_F(Rates, count_every_message_that_is_looked_at_whatever_is_wrong_with_it) {
  for (const auto& text : malformed) {
    SCOPED_TRACE(text);
    Actor john{stage, "john"};
    for (int i = 0; i < 10; ++i) john.send_text(text);
    john.inbox.messages.clear();
    EXPECT_EQ(fill(john), 0);
    EXPECT_EQ(john.take("error").at(0)["code"], "rate_limited");
  }
}

TEST_F(Rates, do_not_count_what_was_refused_for_them) {
  Actor john{stage, "john"};
  EXPECT_EQ(fill(john), 10);
  const auto error = john.take("error").at(0);
  EXPECT_EQ(error["ref"], "asked");
  const std::chrono::milliseconds wait{error["retry_after_ms"].get<int>()};
  stage.advance(99ms);
  EXPECT_FALSE(is_taken(john));
  stage.advance(wait - 99ms);
  EXPECT_TRUE(is_taken(john)) << "as it was told";
  EXPECT_FALSE(is_taken(john));
  stage.advance(10s);
  EXPECT_EQ(fill(john), 10) << "at once after a pause, and no more";
}

TEST_F(Rates, are_each_connections_own) {
  Actor john{stage, "john"}, tab{stage, "john"}, jane{stage, "jane"};
  EXPECT_EQ(fill(john), 10);
  EXPECT_EQ(fill(tab), 10);
  EXPECT_EQ(fill(jane), 10);
}

TEST_F(Rates, close_who_is_refused_so_often_in_a_row_and_begin_to_count_anew_once_something_was_taken) {
  Actor john{stage, "john"};
  fill(john);
  for (int round = 0; round < 5; ++round) {
    EXPECT_FALSE(is_taken(john));  // the second in a row
    stage.advance(100ms);
    EXPECT_TRUE(is_taken(john));
    EXPECT_FALSE(is_taken(john));
    ASSERT_EQ(john.inbox.closed, std::nullopt) << round;
  }
  for (const auto& text : malformed) {
    EXPECT_FALSE(is_taken(john));
    stage.advance(100ms);
    john.send_text(text);
    EXPECT_FALSE(is_taken(john));
    ASSERT_EQ(john.inbox.closed, std::nullopt) << text << " was looked at";
  }
  EXPECT_FALSE(is_taken(john));
  EXPECT_EQ(john.inbox.closed, std::nullopt);
  EXPECT_FALSE(is_taken(john));
  EXPECT_EQ(john.inbox.closed, CloseCode::kept_breaking_limits) << "the third in a row";
}

TEST_F(Rates, look_at_nothing_more_of_who_is_being_closed_for_them) {
  Actor john{stage, "john"}, jane{stage, "jane"};
  fill(john);
  for (int i = 0; i < 2; ++i) is_taken(john);
  EXPECT_EQ(john.inbox.closed, CloseCode::kept_breaking_limits);
  jane.inbox.messages.clear();
  stage.advance(1min);
  john.send("note", "later");
  EXPECT_EQ(jane.count("note"), 0U);
}

struct RatesOfBytes : Rates {
  RatesOfBytes() : Rates{{{"messages", 1000}, {"burst", 1000}, {"size", "1KiB"}, {"burst_size", "4KiB"}}} {}
};

TEST_F(RatesOfBytes, count_the_whole_text_whatever_is_wrong_with_it) {
  const std::string large(1000, 'x');
  for (const auto& text : {large, R"({"type":"nobody's","content":")" + large + "\"}", R"({"type":"word","content":[")" + large + "\"]}",
                           R"({"type":"ping","content":")" + large + "\"}", R"({"type":"note","content":")" + large + "\"}"}) {
    SCOPED_TRACE(text.substr(0, 30));
    Actor john{stage, "john"};
    for (int i = 0; i < 5; ++i) john.send_text(text);
    EXPECT_FALSE(is_taken(john));
    const auto error = john.take("error").at(0);
    EXPECT_EQ(error["code"], "rate_limited");
    stage.advance(std::chrono::milliseconds{error["retry_after_ms"].get<int>()});
    EXPECT_TRUE(is_taken(john)) << "as it was told";
  }
}

TEST_F(RatesOfBytes, let_a_message_through_that_is_larger_than_all_that_may_be_sent_at_once) {
  Actor john{stage, "john"};
  john.send("note", std::string(20'000, 'x'));
  EXPECT_EQ(john.count("note"), 1U);
  EXPECT_FALSE(is_taken(john));
  const auto wait = john.take("error").at(0)["retry_after_ms"].get<int>();
  EXPECT_GT(wait, 15'000);
  EXPECT_LT(wait, 20'000);
  stage.advance(std::chrono::milliseconds{wait - 1});
  EXPECT_FALSE(is_taken(john));
  stage.advance(1ms);
  EXPECT_TRUE(is_taken(john));
}

// The rates that types declare: of the probe, blink has ten a second and slow_note one.
struct RatesOfTypes : Rates {
  RatesOfTypes() : Rates{{{"messages", 1000}, {"burst", 1000}}} {}

  // What somebody's blinks said that have come since the last time.
  static std::vector<int> blinks(Actor& actor, const std::string& of) {
    std::vector<int> values;
    std::erase_if(actor.inbox.messages, [&](const Json& message) {
      const bool is_it = message["type"] == "blink" && message["nickname"] == of;
      if (is_it) values.push_back(message["content"]["value"]);
      return is_it;
    });
    return values;
  }
};
using Values = std::vector<int>;

TEST_F(RatesOfTypes, let_out_the_newest_of_each_sender_who_is_too_fast_when_its_turn_has_come) {
  for (const auto later : {0ms, 1ms, 50ms, 99ms}) {
    SCOPED_TRACE(later.count());
    Actor john{stage, "john"}, jane{stage, "jane"}, ann{stage, "ann"};
    for (int i = 0; i < 3; ++i) john.send("blink", i);
    stage.advance(later);
    for (int i = 0; i < 3; ++i) jane.send("blink", i);
    stage.advance(100ms - later);
    EXPECT_EQ(blinks(ann, "john"), (Values{0, 2}));
    stage.advance(later);
    EXPECT_EQ(blinks(ann, "jane"), (Values{0, 2}));
  }
}

TEST_F(RatesOfTypes, hold_the_next_one_back_from_when_the_last_one_went_out) {
  Actor john{stage, "john"};
  for (int i = 0; i < 2; ++i) john.send("blink", i);
  stage.advance(99ms);
  EXPECT_EQ(blinks(john, "john"), Values{0});
  stage.advance(1ms);
  EXPECT_EQ(blinks(john, "john"), Values{1});
  john.send("blink", 2);
  stage.advance(99ms);
  EXPECT_EQ(blinks(john, "john"), Values{});
  stage.advance(1ms);
  EXPECT_EQ(blinks(john, "john"), Values{2});
  stage.advance(100ms);
  john.send("blink", 3);
  EXPECT_EQ(blinks(john, "john"), Values{3});
}

TEST_F(RatesOfTypes, forget_who_has_left_and_nobody_else) {
  Actor john{stage, "john"}, jane{stage, "jane"};
  for (auto* actor : {&john, &jane}) {
    for (int i = 0; i < 2; ++i) actor->send("blink", i);
  }
  john.leave();
  jane.inbox.messages.clear();
  stage.advance(1s);
  EXPECT_EQ(blinks(jane, "john"), Values{});
  EXPECT_EQ(blinks(jane, "jane"), Values{1});
}

TEST_F(RatesOfTypes, are_each_senders_and_each_types_own) {
  Actor john{stage, "john"}, tab{stage, "john"}, jane{stage, "jane"};
  for (auto* actor : {&john, &tab, &jane}) {
    actor->send("slow_note", 1);
    actor->send("blink", 1);
    actor->send("note", 1);
  }
  EXPECT_EQ(jane.count("slow_note"), 3U);
  EXPECT_EQ(jane.count("blink"), 3U);
  EXPECT_EQ(jane.count("note"), 3U);
}

TEST_F(RatesOfTypes, do_not_count_what_was_refused_for_them) {
  Actor john{stage, "john"};
  john.send("slow_note", 1);
  for (int i = 0; i < 9; ++i) {
    john.send("slow_note", 2);
    EXPECT_EQ(john.take("error").at(0)["retry_after_ms"], 1000 - 100 * i);
    stage.advance(100ms);
  }
  stage.advance(100ms);
  john.send("slow_note", 2);
  EXPECT_EQ(john.count("slow_note"), 2U);
}

// What is acknowledged already is not said a second time, so no rate is asked.
struct RatesOfRepetitions : SlowRoom {};

TEST_F(RatesOfRepetitions, are_not_asked_for_what_is_known) {
  const auto john = come("john");
  john->send("slow_note", "once", "r");
  john->send("slow_note", "once", "r");  // while it is being committed
  answer();
  EXPECT_EQ(john->take("slow_note").size(), 1U);
  john->send("slow_note", "once", "r");
  answer();
  EXPECT_EQ(john->take("slow_note").at(0)["seq"], 1);
  const auto back = come_back("john", john->key());
  back->send("slow_note", "new", "s");
  answer();
  back->send("slow_note", "once", "r");
  answer();
  EXPECT_EQ(back->take("slow_note").back()["seq"], 1);
  EXPECT_EQ(john->take("error").size() + back->take("error").size(), 0U);
  back->send("slow_note", "another", "r");
  answer();
  EXPECT_EQ(back->take("error").at(0)["code"], "invalid") << "a ref that stands for something else is wrong whenever it comes";
  back->send("slow_note", "too fast", "t");
  answer();
  EXPECT_EQ(back->take("error").at(0)["code"], "rate_limited");
}

}  // namespace
}  // namespace hubbub::rooms

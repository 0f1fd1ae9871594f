// Which calls are said to hang, and until when.
#include "plugins/watchdog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "core/log_lines.hpp"
#include "core/plugins/caller.hpp"

namespace hubbub::plugins {
namespace {

using namespace std::chrono_literals;
using testing::StartsWith;

// The calls that hang in a room, by name.
std::string hanging(const std::string& room) {
  std::string names;
  for (const auto& call : hanging_calls()) {
    if (call.room == room) names += (names.empty() ? "" : ", ") + call.name;
  }
  return names;
}

TEST(Watchdog, tells_of_each_call_for_itself_until_it_returns) {
  const Watchdog watchdog{50ms};
  Caller one{"one"}, other{"other"};
  wait_until([] { return hanging("one") == "call 1" && hanging("other") == "call 1"; });
  EXPECT_TRUE(one.hangs());
  one.next();  // at once, so that the watchdog does not see the thread without a call
  wait_until([] { return hanging("one") != "call 1"; });
  EXPECT_EQ(hanging("other"), "call 1");
  wait_until([] { return hanging("one") == "call 2"; });
  EXPECT_TRUE(one.hangs());
}

TEST(Watchdog, tells_what_is_known_of_a_call_and_since_when_it_was_noticed) {
  const auto before = std::chrono::steady_clock::now();
  const Watchdog watchdog{50ms};
  const Caller caller{"cellar"};
  wait_until([] { return !hanging_calls().empty(); });
  const auto call = hanging_calls().at(0);
  EXPECT_EQ(call.plugin, "slow");
  EXPECT_EQ(call.room, "cellar");
  EXPECT_EQ(call.name, "call 1");
  EXPECT_EQ(call.type, "type");
  EXPECT_GE(call.time, 50ms) << "it takes longer than that, or it would not be told of";
  EXPECT_LE(call.time, std::chrono::steady_clock::now() - before);
}

TEST(Watchdog, says_again_and_again_that_a_call_hangs_and_once_that_it_has_returned) {
  const LogLines log;
  const Watchdog watchdog{50ms};
  Caller caller{"a room"};
  const std::string call = "room=\"a room\" plugin=slow call 1 type=type ";
  for (int i = 0; i < 3; ++i) EXPECT_THAT(log.until("has not returned").back(), StartsWith(call + "has not returned since "));
  caller.rest();
  EXPECT_THAT(log.until("has returned").back(), StartsWith(call + "has returned, after "));
  caller.next();
  EXPECT_THAT(log.until("has not returned").back(), StartsWith(call + "has not returned since ")) << "another call, of the same name";
}

TEST(Watchdog, frees_the_thread_whose_call_has_returned) {
  const Watchdog watchdog{50ms};
  Caller caller{"one"};
  const Caller other{"other"};
  wait_until([&] { return caller.hangs() && other.hangs(); });
  caller.rest();
  wait_until([&] { return !caller.hangs(); });
  EXPECT_EQ(hanging("one"), "");
  EXPECT_TRUE(other.hangs());
}

TEST(Watchdog, leaves_nothing_behind_when_it_goes) {
  Caller caller{"one"};
  {
    const Watchdog watchdog{50ms};
    wait_until([&] { return caller.hangs(); });
  }
  EXPECT_FALSE(caller.hangs());
  EXPECT_EQ(hanging("one"), "");
}

TEST(Watchdog, has_the_patience_that_it_is_given_last_or_that_is_lower) {
  Watchdog watchdog{1h};
  watchdog.set_patience(50ms);
  watchdog.lower_patience(1h);
  const Caller soon{"soon"};
  wait_until([] { return hanging("soon") == "call 1"; });
  watchdog.set_patience(1h);
  watchdog.lower_patience(50ms);
  const Caller sooner{"sooner"};
  wait_until([] { return hanging("sooner") == "call 1"; });
}

// As in a process with two servers.
TEST(Watchdog, of_which_there_are_several_say_a_thing_once_and_tell_each) {
  const LogLines log;
  Watchdog patient{1h};
  std::atomic<int> told = 0;
  patient.tell([&] { ++told; });
  std::optional<Watchdog> hasty{std::in_place, 50ms};
  hasty->tell([&] { ++told; });
  Caller one{"one"};
  wait_until([&] { return told == 2; });
  hasty.reset();
  EXPECT_EQ(hanging("one"), "call 1") << "as long as one of them is there";
  one.rest();
  EXPECT_THAT(log.until("has returned").back(), StartsWith("room=one plugin=slow call 1 type=type has returned"));
  EXPECT_EQ(log.take("has returned").size(), 0U);
}

TEST(Watchdog, tells_whenever_more_threads_hang_than_before_and_nobody_once_it_is_told_so) {
  Watchdog watchdog{50ms};
  std::atomic<int> told = 0;
  watchdog.tell([&] { ++told; });
  Caller one{"one"};
  wait_until([&] { return told == 1; });
  EXPECT_EQ(hanging("one"), "call 1") << "it can be asked for then";
  const Caller other{"other"};
  wait_until([&] { return told == 2; });
  one.next();
  wait_until([&] { return told == 3; });
  EXPECT_EQ(hanging("one"), "call 2");
  watchdog.tell(nullptr);
  one.next();
  wait_until([] { return hanging("one") == "call 3"; });
  EXPECT_EQ(told, 3);
}

}  // namespace
}  // namespace hubbub::plugins

// What each thread is doing in a plugin, as others are told.
#include "plugins/calls.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace hubbub::plugins {
namespace {

const std::string room = "general";

// Somebody who stays in a call until told to go on, on a thread of its own.
class Busy {
 public:
  explicit Busy(const char* plugin) {
    std::promise<void> there;
    thread_ = std::thread{[&there, plugin, until = go_on_.get_future()] {
      const Call call{plugin, "b1", &room, "apply", "entry"};
      there.set_value();
      until.wait();
    }};
    there.get_future().wait();
  }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;
  ~Busy() {
    go_on_.set_value();
    thread_.join();
  }

 private:
  std::promise<void> go_on_;
  std::thread thread_;
};

// Of these tests' own plugins, for other threads of the process may be in calls of theirs.
std::optional<CallUnderWay> call_on(const std::string& plugin) {
  const auto all = calls_under_way();
  const auto found = std::ranges::find(all, plugin, &CallUnderWay::plugin);
  return found == all.end() ? std::nullopt : std::optional{*found};
}

TEST(Calls, are_known_to_their_thread_the_innermost_first) {
  EXPECT_EQ(call_of_this_thread(), nullptr);
  {
    const Call outer{"outer", "", nullptr, "on_timer"};
    EXPECT_EQ(call_of_this_thread(), &outer);
    {
      const Call inner{"inner", "", nullptr, "apply"};
      EXPECT_EQ(call_of_this_thread(), &inner);
      EXPECT_NE(inner.number, outer.number);
    }
    EXPECT_EQ(call_of_this_thread(), &outer);
  }
  EXPECT_EQ(call_of_this_thread(), nullptr);
}

TEST(Calls, of_one_thread_have_different_numbers_though_they_are_the_same_call) {
  std::uint64_t before = 0;
  for (int i = 0; i < 3; ++i) {
    const Call call{"same", "", nullptr, "apply"};
    EXPECT_NE(call.number, before);
    before = call.number;
  }
}

TEST(Calls, have_the_type_of_the_entry_at_hand_and_else_of_the_message_for_which_they_are_made) {
  const auto type_of = [](std::string_view entry) { return std::string{Call{"chat", "", &room, "apply", entry}.type()}; };
  EXPECT_EQ(type_of(""), "");
  EXPECT_EQ(type_of("entry"), "entry");
  {
    const InHand message{"jane", "7", "message", 42};
    EXPECT_EQ(type_of(""), "message");
    EXPECT_EQ(type_of("entry"), "entry");
    {
      const InHand another{"jane", "8", "another", 43};
      EXPECT_EQ(type_of(""), "another");
    }
    EXPECT_EQ(type_of(""), "message");
    const Call call{"chat", "", &room, "apply"};
    EXPECT_EQ(call.message, &message);
  }
  EXPECT_EQ(type_of(""), "") << "it is no longer worked on";
}

TEST(Calls, are_told_of_all_other_threads_as_long_as_they_last) {
  const Call own{"own", "", nullptr, "apply"};
  EXPECT_FALSE(call_on("one"));
  {
    const Busy one{"one"}, other{"other"};
    const auto its = call_on("one");
    ASSERT_TRUE(its);
    EXPECT_EQ(its->build, "b1");
    EXPECT_EQ(its->room, "general");
    EXPECT_EQ(its->name, "apply");
    EXPECT_EQ(its->type, "entry");
    EXPECT_FALSE(its->has_message);
    ASSERT_TRUE(call_on("other"));
    EXPECT_NE(call_on("other")->thread, its->thread);
    EXPECT_FALSE(call_on("own"));
  }
  EXPECT_FALSE(call_on("one"));
  EXPECT_FALSE(call_on("other"));
}

TEST(Calls, are_told_with_the_message_for_which_they_are_made) {
  std::promise<void> there, go_on;
  std::thread thread{[&] {
    const InHand message{"jane", "7", "message", 42};
    const Call outer{"outer", "", &room, "on_message"}, inner{"inner", "", nullptr, "apply", "entry"};
    there.set_value();
    go_on.get_future().wait();
  }};
  there.get_future().wait();
  const auto its = call_on("inner");
  EXPECT_FALSE(call_on("outer")) << "the innermost one";
  go_on.set_value();
  thread.join();
  ASSERT_TRUE(its);
  EXPECT_EQ(its->room, "") << "it is in none";
  EXPECT_EQ(its->type, "entry");
  EXPECT_TRUE(its->has_message);
  EXPECT_EQ(its->sender, "jane");
  EXPECT_EQ(its->ref, "7");
  EXPECT_EQ(its->message_type, "message");
  EXPECT_EQ(its->asked, 42U);
}

TEST(Calls, may_be_looked_at_while_they_come_and_go_and_are_whole) {
  std::atomic<bool> done = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      while (!done) {
        const std::string its_room(100, 'x'), its_type(50, 'y');
        const Call call{"brief", "b1", &its_room, "apply", its_type};
      }
    });
  }
  std::size_t seen = 0;
  while (seen < 1000) {
    for (const auto& call : calls_under_way()) {
      if (call.plugin != "brief") continue;
      ++seen;
      ASSERT_EQ(call.room, std::string(100, 'x'));
      ASSERT_EQ(call.type, std::string(50, 'y'));
    }
  }
  done = true;
  for (auto& thread : threads) thread.join();
}

TEST(Code, is_known_by_the_library_that_has_it_from_its_first_byte_to_its_last) {
  EXPECT_EQ(plugin_at(0x1000), nullptr);
  remember_code(0x1000, 0x2000, "one");
  remember_code(0x3000, 0x3001, "other");
  EXPECT_EQ(plugin_at(0xFFF), nullptr);
  EXPECT_STREQ(plugin_at(0x1000), "one");
  EXPECT_STREQ(plugin_at(0x1FFF), "one");
  EXPECT_EQ(plugin_at(0x2000), nullptr);
  EXPECT_STREQ(plugin_at(0x3000), "other");
  EXPECT_EQ(plugin_at(0x3001), nullptr);
}

}  // namespace
}  // namespace hubbub::plugins

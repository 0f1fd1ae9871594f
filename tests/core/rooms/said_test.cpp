// What rooms say in the log of what befalls them: once each time, and each time alike.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/log_lines.hpp"
#include "core/rooms/slow_room.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

struct Said : SlowRoom {
  LogLines log;
};

TEST_F(Said, is_once_that_a_room_cannot_be_opened_and_once_that_it_is_open_again) {
  const auto john = come("john");
  for (int i = 0; i < 3; ++i) {
    store.fails_to_append = store.fails_to_open = true;
    john->send("note", "lost");
    answer();
    for (int tried = 0; tried < 3; ++tried) {
      stage.advance(1s);
      answer();
    }
    EXPECT_EQ(log.take("room="), Lines{"room=general cannot be opened, trying again each 1000 ms: its log cannot be read now"});
    store.fails_to_append = store.fails_to_open = false;
    stage.advance(1s);
    answer();
    EXPECT_EQ(log.take("room="), Lines{"room=general is open again"});
  }
}

TEST_F(Said, is_why_a_room_cannot_be_opened_for_the_first_time_too) {
  store.fails_to_open = true;
  Actor john{stage, "john", 0, {}, "a room"};
  answer();
  EXPECT_EQ(log.take("room="), Lines{"room=\"a room\" cannot be opened, trying again each 1000 ms: its log cannot be read now"});
  store.fails_to_open = false;
  stage.advance(1s);
  answer();
  EXPECT_EQ(log.take("room="), Lines{"room=\"a room\" is open again"});
  EXPECT_EQ(john.count("welcome"), 1U);
}

TEST_F(Said, is_each_time_that_a_room_cannot_be_made) {
  for (int i = 0; i < 2; ++i) {
    store.throws = true;
    Actor john{stage, "john", 0, {}, "cellar"};
    EXPECT_EQ(log.take("room="), Lines{"room=cellar cannot be made, newcomers are refused: the store was told to throw"});
    EXPECT_EQ(john.inbox.closed, CloseCode::overloaded);
    store.throws = false;
  }
}

TEST_F(Said, is_each_time_what_a_plugin_failed_in) {
  const auto john = come("john");
  for (int i = 0; i < 2; ++i) {
    john->send("note", "throw");
    answer();
    EXPECT_EQ(log.take("room="), Lines{"room=general plugin=probe on_message failed: on_message was told to throw"});
    john->send("note", "throw a number");
    answer();
    EXPECT_EQ(log.take("room="), Lines{"room=general plugin=probe on_message failed: something that is not a std::exception was thrown"});
    john->send("blink", "not text");
    john->send("note", "not text");
    answer();
    EXPECT_EQ(log.take("made a message that cannot be sent").size(), 1U);
    john->send("note", "refuse");
    john->send("note", "said");
    answer();
    EXPECT_EQ(log.take("room="), Lines{});
  }
  come("throw");
  EXPECT_EQ(log.take("room="), Lines{"room=general plugin=probe greet failed: greet was told to throw"});
  john->send("note", "throw in apply");
  answer();
  EXPECT_EQ(log.take("room="), Lines{"room=general plugin=probe apply failed: apply was told to throw"});
}

}  // namespace
}  // namespace hubbub::rooms

#include <gtest/gtest.h>

#include <chrono>
#include <hubbub/testing.hpp>

#include "plugins/refused.hpp"

namespace {

using hubbub::testing::Client;
using hubbub::testing::expect_refused;
using hubbub::testing::Json;
using hubbub::testing::Refused;
using hubbub::testing::Room;
using std::chrono::milliseconds;

const std::string cursor_move = HUBBUB_PLUGIN_DIR "/cursor_move.so";

std::vector<Json> take(Client& client, const std::string& type) {
  std::vector<Json> wanted;
  for (auto& message : client.take()) {
    if (message["type"] == type) wanted.push_back(std::move(message));
  }
  return wanted;
}

struct Cursor {
  const char* what;
  const char* type;
  Json content;
};

class Shown : public testing::TestWithParam<Cursor> {};

TEST_P(Shown, with_the_true_nickname_and_id_and_not_logged) {
  Room room{cursor_move};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  auto content = GetParam().content;
  content["nickname"] = "Jane";
  content["id"] = "jane";
  john.send(GetParam().type, content);
  const auto seen = jane.next(GetParam().type);
  content["nickname"] = "John";
  content["id"] = "john";
  EXPECT_EQ(seen["content"], content);
  EXPECT_EQ(seen["nickname"], "John");
  EXPECT_FALSE(seen.contains("seq"));
  john.leave();
  auto& bob = room.join("Bob");
  EXPECT_EQ(bob.next("welcome")["content"]["seq"], 0);
  EXPECT_TRUE(take(bob, GetParam().type).empty());
}

// As `'#' + number.toString(16)` makes them, which has no zeros in front.
TEST(CursorMove, a_colour_without_its_zeros_gets_them_back) {
  for (const auto& [type, place] : std::map<std::string, Json>{{"cursor_move", {{"toX", 1}, {"toY", 2}}},
                                                              {"cursor_update", {{"cursor", 1}}},
                                                              {"selection_update", {{"from", 1}, {"to", 2}}}}) {
    for (const auto& [sent, meant] : std::map<std::string, std::string>{{"#0", "#000000"}, {"#A1", "#0000A1"}, {"#e90ff", "#0e90ff"}, {"#abc", "#abc"}}) {
      Room room{cursor_move};
      auto& john = room.join("John");
      auto content = place;
      content["color"] = sent;
      john.send(type, content);
      EXPECT_EQ(john.next(type)["content"]["color"], meant) << type;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Cursor, Shown,
    testing::Values(Cursor{"pointer", "cursor_move", {{"x", 1}, {"y", 2.5}}},
                    Cursor{"pointer_with_colour", "cursor_move", {{"x", -100000}, {"y", 100000}, {"color", "#Ff0000"}}},
                    Cursor{"pointer_while_drawing", "cursor_move", {{"toX", 1}, {"toY", 2}, {"drawing", true}}},
                    Cursor{"caret", "cursor_update", {{"cursor", 0}}},
                    Cursor{"caret_with_colour", "cursor_update", {{"cursor", 1000000000}, {"color", "#f00"}}},
                    Cursor{"cell", "cursor_update", {{"cellId", "2-3"}}},
                    Cursor{"selection", "selection_update", {{"from", 0}, {"to", 5}, {"color", "#f00c"}}},
                    Cursor{"selection_backwards", "selection_update", {{"from", 5}, {"to", 0}, {"version", 7}}}),
    [](const auto& cursor) { return cursor.param.what; });

class CursorRefuses : public testing::TestWithParam<Refused> {};

TEST_P(CursorRefuses, and_sends_the_reason_only_to_the_sender) {
  Room room{cursor_move};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  expect_refused(john, jane, GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    Cursor, CursorRefuses,
    testing::Values(Refused{"nothing", "cursor_move", nullptr, "content: must be an object"},
                    Refused{"half_a_place", "cursor_move", {{"x", 1}}, "content.y: is missing"},
                    Refused{"halves_of_two", "cursor_move", {{"x", 1}, {"toY", 1}}, "content.y: is missing"},
                    Refused{"no_height_while_drawing", "cursor_move", {{"toX", 1}}, "content.x: is missing"},
                    Refused{"no_place_to_the_right", "cursor_move", {{"y", 1}, {"toY", 1}}, "content.x: is missing"},
                    Refused{"no_beginning", "selection_update", {{"to", 1}}, "content.from: is missing"},
                    Refused{"too_far_left", "cursor_move", {{"x", -100001}, {"y", 1}}, "content.x: must be at least -100000"},
                    Refused{"text", "cursor_move", {{"x", 1}, {"y", "1"}}, "content.y: must be a number"},
                    Refused{"a_colour_by_name", "cursor_move", {{"x", 1}, {"y", 1}, {"color", "red"}},
                            "content.color: must be a colour such as #f80 or #ff8800"},
                    Refused{"an_object_beside", "cursor_move", {{"x", 1}, {"y", 1}, {"user", Json::object()}},
                            "content.user: must be a string or a number or a boolean or left out"},
                    Refused{"no_caret", "cursor_update", Json::object(), "content.cursor: is missing"},
                    Refused{"caret_before_the_text", "cursor_update", {{"cursor", -1}}, "content.cursor: must be at least 0"},
                    Refused{"caret_in_between", "cursor_update", {{"cursor", 1.5}}, "content.cursor: must be a whole number"},
                    Refused{"no_cell", "cursor_update", {{"cellId", ""}}, "content.cellId: must not be empty"},
                    Refused{"cell_too_long", "cursor_update", {{"cellId", std::string(65, '1')}},
                            "content.cellId: must be at most 64 characters long"},
                    Refused{"half_a_selection", "selection_update", {{"from", 1}}, "content.to: is missing"},
                    Refused{"selection_before_the_text", "selection_update", {{"from", 1}, {"to", -1}},
                            "content.to: must be at least 0"}),
    [](const auto& refused) { return refused.param.what; });

TEST(CursorMove, a_thousand_a_second_are_merged_and_the_newest_arrives) {
  Room room{cursor_move};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  for (int i = 1; i <= 1000; ++i) {
    john.send("cursor_move", {{"x", i}, {"y", i}});
    room.advance(milliseconds{1});
  }
  room.advance(milliseconds{50});
  const auto seen = take(jane, "cursor_move");
  EXPECT_GE(seen.size(), 19U);
  EXPECT_LE(seen.size(), 22U);
  EXPECT_EQ(seen.back()["content"]["x"], 1000);
  for (std::size_t i = 1; i < seen.size(); ++i) EXPECT_GT(seen[i]["content"]["x"], seen[i - 1]["content"]["x"]);
  EXPECT_TRUE(take(john, "error").empty());
}

TEST(CursorMove, the_rate_is_an_option_for_each_type) {
  Room room{cursor_move, {{"max_rate", 1}}};
  auto& john = room.join("John");
  for (int i = 0; i < 2; ++i) {
    john.send("cursor_move", {{"x", i}, {"y", i}});
    john.send("cursor_update", {{"cursor", i}});
    john.send("selection_update", {{"from", i}, {"to", i}});
  }
  EXPECT_EQ(take(john, "cursor_move").size(), 1U);
  room.advance(milliseconds{999});
  EXPECT_TRUE(john.take().empty());
  room.advance(milliseconds{1});
  EXPECT_EQ(john.next("cursor_move")["content"]["x"], 1);
  EXPECT_EQ(john.next("cursor_update")["content"]["cursor"], 1);
  EXPECT_EQ(john.next("selection_update")["content"]["from"], 1);
}

TEST_P(Shown, disappears_with_its_owner) {
  Room room{cursor_move};
  auto& john = room.join("John", "j1");
  auto& jane = room.join("Jane");
  john.send(GetParam().type, GetParam().content);
  jane.next(GetParam().type);
  john.leave();
  const auto gone = jane.next("cursor_gone");
  EXPECT_EQ(gone["content"], (Json{{"nickname", "John"}, {"id", "j1"}}));
  EXPECT_EQ(gone["nickname"], "System");
  EXPECT_FALSE(gone.contains("seq"));
}

TEST(CursorMove, two_tabs_of_one_person_are_one_cursor) {
  Room room{cursor_move};
  auto& tab = room.join("John");
  auto& other_tab = room.join("Johnny", "john");
  auto& jane = room.join("Jane");
  for (auto* john : {&tab, &other_tab}) john->send("cursor_move", {{"x", 1}, {"y", 1}});
  tab.leave();
  EXPECT_TRUE(take(jane, "cursor_gone").empty());
  other_tab.leave();
  EXPECT_EQ(jane.next("cursor_gone")["content"], (Json{{"nickname", "Johnny"}, {"id", "john"}}));
}

TEST(CursorMove, a_tab_without_a_cursor_does_not_keep_the_cursor_shown) {
  Room room{cursor_move};
  auto& tab = room.join("John");
  room.join("Johnny", "john");
  auto& jane = room.join("Jane");
  tab.send("cursor_move", {{"x", 1}, {"y", 1}});
  tab.leave();
  EXPECT_EQ(jane.next("cursor_gone")["content"], (Json{{"nickname", "John"}, {"id", "john"}}));
}

TEST(CursorMove, a_tab_without_a_cursor_removes_no_cursor_when_it_leaves) {
  Room room{cursor_move};
  auto& tab = room.join("John");
  auto& other_tab = room.join("Johnny", "john");
  auto& jane = room.join("Jane");
  tab.send("cursor_move", {{"x", 1}, {"y", 1}});
  other_tab.leave();
  EXPECT_TRUE(take(jane, "cursor_gone").empty());
  tab.leave();
  EXPECT_EQ(take(jane, "cursor_gone").size(), 1U);
}

TEST(CursorMove, a_member_without_a_cursor_leaves_silently) {
  Room room{cursor_move};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  john.leave();
  EXPECT_TRUE(take(jane, "cursor_gone").empty());
  auto& john_again = room.join("John");
  john_again.send("cursor_move", {{"x", 1}, {"y", 1}});
  john_again.leave();
  EXPECT_EQ(take(jane, "cursor_gone").size(), 1U);
  room.join("John").leave();
  EXPECT_TRUE(take(jane, "cursor_gone").empty());
}

TEST(CursorMove, a_waiting_position_is_dropped_when_its_sender_leaves) {
  Room room{cursor_move};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  john.send("cursor_move", {{"x", 1}, {"y", 1}});
  john.send("cursor_move", {{"x", 2}, {"y", 2}});
  john.leave();
  room.advance(std::chrono::seconds{5});
  EXPECT_EQ(jane.next("cursor_move")["content"]["x"], 1);
  jane.next("cursor_gone");
  EXPECT_TRUE(take(jane, "cursor_move").empty());
}

TEST(CursorMove, a_client_cannot_remove_a_cursor) {
  Room room{cursor_move};
  auto& john = room.join("John");
  john.send("cursor_gone", {{"nickname", "Jane"}, {"id", "jane"}});
  EXPECT_EQ(john.next("error")["code"], "forbidden");
}

TEST(CursorMove, refuses_options_it_cannot_use) {
  for (const Json& options : {Json{{"max_rate", 0}}, {{"max_rate", 1001}}, {{"rate", 5}}}) {
    EXPECT_THROW(Room(cursor_move, options), std::runtime_error) << options;
  }
}

}  // namespace

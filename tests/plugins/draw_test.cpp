#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <hubbub/testing.hpp>

#include "plugins/refused.hpp"

namespace {

using hubbub::testing::Client;
using hubbub::testing::expect_refused;
using hubbub::testing::Json;
using hubbub::testing::Refused;
using hubbub::testing::Room;

const std::string draw = HUBBUB_PLUGIN_DIR "/draw.so";

Json line(const Json& more = Json::object()) {
  Json stroke = {{"fromX", 1}, {"fromY", 2}, {"toX", 3.5}, {"toY", 4}, {"color", "#ff0000"}};
  stroke.update(more);
  return stroke;
}

Json dots(const Json& points, const Json& more = Json::object()) {
  Json stroke = {{"points", points}, {"color", "#f00"}};
  stroke.update(more);
  return stroke;
}

// Puts a stroke on the board and returns its seq.
std::uint64_t put(Client& client, const Json& stroke = line()) {
  client.take();
  client.send("draw", stroke);
  return client.next("draw")["seq"];
}

std::string refusal(Client& client, const std::string& type, const Json& content) {
  client.take();
  client.send(type, content);
  const auto error = client.next("error");
  EXPECT_EQ(error["code"], "invalid");
  return error["content"];
}

// The strokes of a greeting, by seq.
std::vector<std::uint64_t> strokes(Room& room) {
  auto& newcomer = room.join("Newcomer");
  std::vector<std::uint64_t> seqs;
  for (const auto& message : newcomer.take()) {
    if (message["type"] == "draw") seqs.push_back(message["seq"]);
  }
  newcomer.leave();
  return seqs;
}

using Seqs = std::vector<std::uint64_t>;

TEST(Draw, a_stroke_reaches_everyone_as_it_was_sent) {
  Room room{draw};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  int ref = 0;
  for (const auto& stroke : {line(), line({{"size", 5}}), line({{"size", "5"}}), line({{"size", "0.25"}}), line({{"size", 100.0}}),
                             line({{"size", 100}}), line({{"size", "100"}}), line({{"size", "100.0"}}), line({{"size", "0.0001"}}),
                             line({{"color", "#F80"}}), line({{"color", "#f80c"}}), line({{"color", "#FF8800cc"}}),
                             line({{"fromX", 0}, {"fromY", 0}, {"toX", 10000}, {"toY", 10000}}), dots({{1, 2}}),
                             dots({{1, 2}, {3, 4, 0}, {5, 6, 0.5}, {7, 8, 1}}, {{"size", "3"}}),
                             line({{"tool", "pen"}, {"version", 7}, {"dashed", true}, {"layer", nullptr}})}) {
    john.send("draw", stroke, ++ref);
    const auto seen = jane.next("draw");
    EXPECT_EQ(seen["content"].dump(), stroke.dump());
    EXPECT_EQ(seen["id"], "john");
    EXPECT_EQ(john.next("draw")["ref"], ref);
  }
}

// As `'#' + number.toString(16)` makes them, which has no zeros in front.
TEST(Draw, a_colour_without_its_zeros_gets_them_back) {
  Room room{draw};
  auto& john = room.join("John");
  for (const auto& [sent, meant] : std::map<std::string, std::string>{
           {"#7", "#000007"}, {"#ff", "#0000ff"}, {"#e90fF", "#0e90fF"}, {"#f80", "#f80"}, {"#f80c", "#f80c"}, {"#12ab34", "#12ab34"}}) {
    john.send("draw", line({{"color", sent}}));
    EXPECT_EQ(john.next("draw")["content"]["color"], meant);
    john.send("draw", dots({{1, 2}}, {{"color", sent}}));
    EXPECT_EQ(john.next("draw")["content"]["color"], meant);
    EXPECT_EQ(room.join("Newcomer").take("draw").back()["content"]["color"], meant) << "for whoever comes later";
  }
}

TEST(Draw, a_nickname_in_a_stroke_becomes_the_senders_true_one) {
  Room room{draw};
  auto& john = room.join("John");
  for (const Json& claimed : {Json("Jane"), Json(5), Json()}) {
    john.send("draw", line({{"nickname", claimed}}));
    EXPECT_EQ(john.next("draw")["content"]["nickname"], "John");
  }
  john.send("draw", line());
  EXPECT_FALSE(john.next("draw")["content"].contains("nickname"));
}

class DrawRefuses : public testing::TestWithParam<Refused> {};

TEST_P(DrawRefuses, and_sends_the_reason_only_to_the_sender) {
  Room room{draw, {{"width", 100}, {"height", 50}, {"max_points", 3}}};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  expect_refused(john, jane, GetParam());
  EXPECT_TRUE(strokes(room).empty());
}

Json many_fields() {
  Json stroke = line();
  for (int i = 0; i < 12; ++i) stroke["field" + std::to_string(i)] = i;
  return stroke;
}

const char* const no_size = "content.size: must be a number above 0 and at most 100";
const char* const no_colour = "content.color: must be a colour such as #f80 or #ff8800";
INSTANTIATE_TEST_SUITE_P(
    Stroke, DrawRefuses,
    testing::Values(Refused{"nothing", "draw", nullptr, "content: must be an object"},
                    Refused{"no_coordinates", "draw", {{"color", "#f00"}}, "content.fromX: is missing"},
                    Refused{"no_colour", "draw", {{"points", {{1, 2}}}}, "content.color: is missing"},
                    Refused{"left_of_the_board", "draw", line({{"toX", -0.1}}), "content.toX: must be at least 0"},
                    Refused{"right_of_the_board", "draw", line({{"toX", 100.1}}), "content.toX: must be at most 100"},
                    Refused{"below_the_board", "draw", line({{"fromY", 51}}), "content.fromY: must be at most 50"},
                    Refused{"a_coordinate_as_text", "draw", line({{"toX", "3"}}), "content.toX: must be a number"},
                    Refused{"no_points", "draw", dots(Json::array()), "content.points: must have at least 1 entry"},
                    Refused{"too_many_points", "draw", dots({{1, 1}, {2, 2}, {3, 3}, {4, 4}}),
                            "content.points: must have at most 3 entries"},
                    Refused{"half_a_point", "draw", dots({{1, 2}, {3}}), "content.points[1]: must have at least 2 entries"},
                    Refused{"a_point_off_the_board", "draw", dots({{1, 2}, {3, 51}}), "content.points[1][1]: must be at most 50"},
                    Refused{"too_much_pressure", "draw", dots({{1, 2, 1.5}}), "content.points[0][2]: must be at most 1"},
                    Refused{"a_point_of_four", "draw", dots({{1, 2, 1, 1}}), "content.points[0]: must have at most 3 entries"},
                    Refused{"a_colour_by_name", "draw", line({{"color", "red"}}), no_colour},
                    Refused{"a_colour_of_seven_digits", "draw", line({{"color", "#1234567"}}), no_colour},
                    Refused{"a_colour_of_nine_digits", "draw", line({{"color", "#123456789"}}), "content.color: must be at most 9 characters long"},
                    Refused{"a_colour_without_digits", "draw", line({{"color", "#"}}), no_colour},
                    Refused{"a_colour_with_a_sign", "draw", line({{"color", "#-12345"}}), no_colour},
                    Refused{"a_colour_with_more_behind", "draw", line({{"color", "#fff;x"}}), no_colour},
                    Refused{"a_colour_with_a_line_feed", "draw", line({{"color", "#fff\n"}}), no_colour},
                    Refused{"a_size_of_0", "draw", line({{"size", 0}}), "content.size: must be more than 0"},
                    Refused{"a_size_too_large", "draw", line({{"size", 100.5}}), "content.size: must be at most 100"},
                    Refused{"a_size_of_0_as_text", "draw", line({{"size", "0"}}), no_size},
                    Refused{"a_size_too_large_as_text", "draw", line({{"size", "101"}}), no_size},
                    Refused{"a_size_a_little_too_large_as_text", "draw", line({{"size", "100.001"}}), no_size},
                    Refused{"a_size_below_0_as_text", "draw", line({{"size", "-1"}}), no_size},
                    Refused{"an_infinite_size", "draw", line({{"size", "inf"}}), no_size},
                    Refused{"a_size_that_is_no_number", "draw", line({{"size", "nan"}}), no_size},
                    Refused{"a_size_with_a_unit", "draw", line({{"size", "5px"}}), no_size},
                    Refused{"an_empty_size", "draw", line({{"size", ""}}), no_size},
                    Refused{"a_size_that_is_null", "draw", line({{"size", nullptr}}), "content.size: must be a number or a string"},
                    Refused{"a_list_in_a_further_field", "draw", line({{"tags", {1}}}),
                            "content.tags: must be a string or a number or a boolean or left out"},
                    Refused{"a_long_further_field", "draw", line({{"note", std::string(201, 'x')}}),
                            "content.note: must be at most 200 characters long"},
                    Refused{"too_many_fields", "draw", many_fields(), "content: must have at most 16 fields"}),
    [](const auto& refused) { return refused.param.what; });

TEST(Draw, clear_empties_the_board_for_every_form_of_no_content) {
  Room room{draw};
  auto& john = room.join("John");
  for (const Json& nothing : {Json(), Json::object(), Json(""), Json{{"nickname", "John"}, {"version", 3}}}) {
    put(john);
    EXPECT_EQ(strokes(room).size(), 1U);
    john.send("clear", nothing);
    const auto seen = john.next("clear");
    EXPECT_EQ(seen["content"], nullptr);
    EXPECT_TRUE(seen.contains("seq"));
    EXPECT_TRUE(strokes(room).empty());
  }
  john.send_text(R"({"type":"clear"})");
  EXPECT_EQ(john.next("clear")["content"], nullptr);
  put(john);
  EXPECT_EQ(refusal(john, "clear", "everything"), "content: must be at most 0 characters long");
  EXPECT_EQ(strokes(room).size(), 1U);
}

TEST(Draw, undraw_removes_the_senders_own_strokes) {
  Room room{draw};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  put(john), put(john), put(jane), put(john);
  john.send("undraw", {{"seqs", {4, 1}}, {"nickname", "Jane"}, {"version", 4}});
  EXPECT_EQ(jane.next("undraw")["content"], (Json{{"seqs", {1, 4}}, {"nickname", "John"}, {"version", 4}}));
  EXPECT_EQ(strokes(room), (Seqs{2, 3}));
}

TEST(Draw, undraw_frees_all_space_of_a_stroke) {
  const std::string text(150, 'x');
  for (const Json& stroke : {line(), line({{"label", text}}), line({{"label", text}, {"text", text}}), dots({{1, 2}}), dots({{1, 2}, {3, 4}}, {{"label", text}})}) {
    Room room{draw, {{"max_points", 2}, {"max_board", 6}}};
    auto& john = room.join("John");
    john.send("undraw", {{"seqs", {put(john, stroke)}}});
    for (int i = 0; i < 3; ++i) put(john);
    EXPECT_EQ(refusal(john, "draw", line()), "the board is full; clear it, or undo strokes, to make room") << stroke;
  }
}

TEST(Draw, undraw_lists_only_existing_strokes_and_each_once) {
  Room room{draw};
  auto& john = room.join("John");
  put(john), put(john);
  john.send("undraw", {{"seqs", {1}}});
  john.next("undraw");
  john.send("undraw", {{"seqs", {2, 1, 2, 3, 9999, 9007199254740991}}});
  EXPECT_EQ(john.next("undraw")["content"]["seqs"], Json({2}));
  EXPECT_TRUE(strokes(room).empty());
  EXPECT_EQ(refusal(john, "undraw", {{"seqs", {2, 1}}}), "content.seqs: none of these strokes is on the board any more");
}

TEST(Draw, undraw_of_somebody_elses_stroke_is_refused_as_a_whole) {
  Room room{draw};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  put(john), put(jane);
  EXPECT_EQ(refusal(john, "undraw", {{"seqs", {1, 2}}}),
            "content.seqs: 2 is somebody else's stroke; you can only undo your own");
  EXPECT_EQ(strokes(room), (Seqs{1, 2}));
  EXPECT_EQ(refusal(john, "undraw", nullptr), "content: must be an object");
  EXPECT_EQ(refusal(john, "undraw", Json::object()), "content.seqs: is missing");
  EXPECT_EQ(refusal(john, "undraw", {{"seqs", Json::array()}}), "content.seqs: must have at least 1 entry");
  EXPECT_EQ(refusal(john, "undraw", {{"seqs", std::vector<int>(1001, 1)}}), "content.seqs: must have at most 1000 entries");
  EXPECT_EQ(refusal(john, "undraw", {{"seqs", {0}}}), "content.seqs[0]: must be at least 1");
  EXPECT_EQ(refusal(john, "undraw", {{"seqs", {1.5}}}), "content.seqs[0]: must be a whole number");
}

TEST(Draw, the_same_person_in_another_tab_may_undo_but_a_namesake_may_not) {
  Room room{draw};
  put(room.join("John"));
  EXPECT_THAT(refusal(room.join("John", "another"), "undraw", {{"seqs", {1}}}), testing::HasSubstr("somebody else's"));
  auto& tab = room.join("Johnny", "john");
  tab.send("undraw", {{"seqs", {1}}});
  EXPECT_EQ(tab.next("undraw")["content"]["seqs"], Json({1}));
}

TEST(Draw, a_newcomer_gets_the_strokes_on_the_board_as_they_were_sent) {
  Room room{draw};
  auto& john = room.join("John");
  put(john);
  john.send("clear");
  std::vector<Json> sent;
  for (const auto& stroke : {line({{"size", "5"}, {"nickname", "J"}}), dots({{1, 2}, {3, 4, 0.5}}), line({{"tool", "pen"}})}) {
    put(john);
    john.send("draw", stroke);
    sent.push_back(john.next("draw"));
  }
  john.send("undraw", {{"seqs", {3, 5, 7}}});
  auto& jane = room.join("Jane");
  for (const auto& stroke : sent) EXPECT_EQ(jane.next("draw").dump(), stroke.dump());
  for (const auto& message : jane.take()) EXPECT_NE(message["type"], "draw");
}

TEST(Draw, the_board_survives_an_empty_room) {
  Room room{draw, {{"max_points", 2}, {"max_board", 4}}};
  auto& john = room.join("John");
  put(john), put(john);
  john.send("undraw", {{"seqs", {1}}});
  room.reopen();
  EXPECT_EQ(strokes(room), Seqs{2});
  auto& john_again = room.join("John");
  EXPECT_EQ(put(john_again), 4U);
  EXPECT_THAT(refusal(john_again, "draw", line()), testing::HasSubstr("full"));
  john_again.send("undraw", {{"seqs", {2}}});
  EXPECT_EQ(john_again.next("undraw")["content"]["seqs"], Json({2}));
}

TEST(Draw, a_full_board_refuses_strokes_until_there_is_space) {
  Room room{draw, {{"max_points", 3}, {"max_board", 4}}};
  auto& john = room.join("John");
  const auto full = "the board is full; clear it, or undo strokes, to make room";
  put(john), put(john, dots({{1, 1}}));
  EXPECT_EQ(refusal(john, "draw", line()), full);
  EXPECT_EQ(put(john, dots({{1, 1}})), 3U);
  EXPECT_EQ(refusal(john, "draw", dots({{1, 1}})), full);
  john.send("undraw", {{"seqs", {2}}});
  EXPECT_EQ(put(john, dots({{1, 1}})), 5U);
  EXPECT_EQ(refusal(john, "draw", dots({{1, 1}})), full);
  john.send("clear");
  EXPECT_EQ(put(john, dots({{1, 1}, {2, 2}, {3, 3}})), 7U);
}

// A state that a server with other options has stored.
TEST(Draw, a_board_over_its_limit_keeps_its_strokes_and_refuses_more_until_there_is_space) {
  Json state;
  {
    Room room{draw};
    auto& john = room.join("John");
    put(john), put(john), put(john, dots({{9000, 1}, {2, 2}, {3, 3}}));
    state = room.snapshot();
  }
  Room room{draw, {{"max_points", 2}, {"max_board", 4}, {"width", 100}}};
  room.restore(state);
  EXPECT_EQ(strokes(room), (Seqs{1, 2, 3}));
  auto& john = room.join("John");
  EXPECT_THAT(refusal(john, "draw", dots({{1, 1}})), testing::HasSubstr("full"));
  john.send("undraw", {{"seqs", {3}}});
  EXPECT_THAT(refusal(john, "draw", dots({{1, 1}})), testing::HasSubstr("full"));
  john.send("undraw", {{"seqs", {1}}});
  EXPECT_EQ(put(john), 3U);
}

TEST(Draw, text_in_a_stroke_counts_towards_the_board_too) {
  Room room{draw, {{"max_points", 3}, {"max_board", 5}}};
  auto& john = room.join("John");
  put(john, line({{"note", std::string(200, 'x')}}));
  EXPECT_THAT(refusal(john, "draw", line()), testing::HasSubstr("full"));
  Room other{draw, {{"max_points", 3}, {"max_board", 5}}};
  auto& jane = other.join("Jane");
  Json named;
  for (const char c : {'a', 'b', 'c', 'd'}) named[std::string(60, c)] = 1;
  put(jane, line(named));
  EXPECT_THAT(refusal(jane, "draw", line()), testing::HasSubstr("full")) << "its fields' names are text, too";
}

TEST(Draw, a_board_may_be_as_small_as_one_stroke) {
  Room room{draw, {{"max_points", 3}, {"max_board", 3}}};
  EXPECT_EQ(put(room.join("John"), dots({{1, 1}, {2, 2}, {3, 3}})), 1U);
}

TEST(Draw, a_stroke_is_unchanged_after_a_restart) {
  Room room{draw};
  auto& john = room.join("John");
  room.advance(std::chrono::seconds{5});
  john.send("draw", line());
  auto sent = john.next("draw");
  room.advance(std::chrono::seconds{5});
  for (const bool is_killed : {true, false}) {
    is_killed ? room.kill() : room.reopen();
    EXPECT_EQ(room.join("Jane").next("draw"), sent);
  }
}

TEST(Draw, refuses_options_it_cannot_use) {
  for (const Json& options : {Json{{"width", 0}}, {{"height", 100001}}, {{"max_size", 0}}, {{"max_points", 1}},
                              {{"max_board", 499}}, {{"max_points", 3}, {"max_board", 2}}, {{"max_stroke", 5}}}) {
    EXPECT_THROW(Room(draw, options), std::runtime_error) << options;
  }
}

}  // namespace

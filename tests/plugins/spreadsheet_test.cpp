#include <gtest/gtest.h>

#include <hubbub/testing.hpp>

#include "plugins/refused.hpp"

namespace {

using hubbub::testing::expect_refused;
using hubbub::testing::Json;
using hubbub::testing::Refused;
using hubbub::testing::Room;

const std::string spreadsheet = HUBBUB_PLUGIN_DIR "/spreadsheet.so";

Json cell(int row, int col, const Json& value) {
  return {{"id", std::to_string(row) + "-" + std::to_string(col)}, {"row", row}, {"col", col}, {"value", value}};
}

// The current greeting of a newcomer; null if there is none.
Json sheet(Room& room) {
  for (const auto& message : room.join("Newcomer").take()) {
    if (message["type"] == "full_update") return message["content"];
  }
  return nullptr;
}

TEST(Spreadsheet, a_cell_reaches_everyone_as_id_value_row_and_col) {
  Room room{spreadsheet};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  john.send("cell_update", cell(4, 2, "=A1*2"), 7);
  const auto seen = jane.next("cell_update");
  EXPECT_EQ(seen["content"], cell(4, 2, "=A1*2"));
  EXPECT_EQ(seen["seq"], 1);
  EXPECT_EQ(seen["ref"], 7);
}

TEST(Spreadsheet, a_cell_is_broadcast_in_one_form_however_it_was_named) {
  Room room{spreadsheet};
  auto& john = room.join("John");
  for (const Json& named : {Json{{"id", "4-2"}}, Json{{"row", 4}, {"col", 2}}, Json{{"row", "4"}, {"col", "2"}},
                            Json{{"id", "4-2"}, {"row", "4"}}, Json{{"id", "04-2"}, {"col", 2}}}) {
    auto content = named;
    content["value"] = 1;
    john.send("cell_update", content);
    EXPECT_EQ(john.next("cell_update")["content"], cell(4, 2, 1)) << named;
  }
}

TEST(Spreadsheet, a_value_is_text_a_number_a_boolean_or_nothing) {
  Room room{spreadsheet};
  auto& john = room.join("John");
  for (const Json& value : {Json("x"), Json(-1.5), Json(7), Json(true), Json(nullptr), Json("")}) {
    john.send("cell_update", cell(0, 0, value));
    EXPECT_EQ(john.next("cell_update")["content"]["value"], value);
  }
}

TEST(Spreadsheet, a_newcomer_gets_the_cells_with_a_value_row_by_row) {
  Room room{spreadsheet};
  EXPECT_EQ(sheet(room), nullptr);
  auto& john = room.join("John");
  john.send("cell_update", cell(10, 0, 10));
  john.send("cell_update", cell(2, 11, false));
  john.send("cell_update", cell(2, 3, "old"));
  john.send("cell_update", cell(2, 3, "new"));
  EXPECT_EQ(sheet(room), Json({cell(2, 3, "new"), cell(2, 11, false), cell(10, 0, 10)}));
}

TEST(Spreadsheet, an_empty_value_clears_a_cell) {
  Room room{spreadsheet};
  auto& john = room.join("John");
  for (const Json& nothing : {Json(""), Json(nullptr)}) {
    john.send("cell_update", cell(1, 1, "x"));
    john.send("cell_update", cell(1, 1, nothing));
    EXPECT_EQ(sheet(room), nullptr);
  }
}

TEST(Spreadsheet, a_question_is_answered_with_the_whole_sheet_to_the_sender_only) {
  Room room{spreadsheet};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  john.send("request_data");
  EXPECT_EQ(john.next("full_update")["content"], Json::array());
  john.send("cell_update", cell(0, 0, 1));
  for (const Json& content : {Json(nullptr), Json(""), Json::object()}) {
    room.advance(std::chrono::seconds{1});
    john.send("request_data", content, 5);
    const auto answer = john.next("full_update");
    EXPECT_EQ(answer["content"], Json({cell(0, 0, 1)}));
    EXPECT_EQ(answer["ref"], 5);
    EXPECT_FALSE(answer.contains("seq"));
  }
  EXPECT_THROW(jane.next("full_update"), std::runtime_error);
}

TEST(Spreadsheet, an_answer_contains_the_limits_of_the_sheet) {
  Room room{spreadsheet, {{"rows", 7}, {"max_cells", 25}}};
  auto& john = room.join("John");
  john.send("request_limits", Json::object(), 3);
  const auto answer = john.next("sheet_limits");
  EXPECT_EQ(answer["content"], Json({{"rows", 7}, {"columns", 100}, {"cells", 25}, {"text", 8 << 20}, {"length", 2000}, {"block", 10'000}}));
  EXPECT_EQ(answer["ref"], 3);
}

TEST(Spreadsheet, a_pasted_block_is_one_message_with_many_cells) {
  Room room{spreadsheet};
  auto& john = room.join("John");
  john.send("cell_update", cell(6, 4, "cleared"));
  john.next("cell_update");
  john.send("cells_update", {{"row", "5"}, {"col", 3}, {"values", {{1, 2, 3}, Json::array(), {"a", ""}, {nullptr, true}}}});
  const auto seen = john.next("cells_update");
  EXPECT_EQ(seen["seq"], 2);
  EXPECT_EQ(seen["content"], Json({{"row", 5}, {"col", 3}, {"values", {{1, 2, 3}, Json::array(), {"a", ""}, {nullptr, true}}}}));
  EXPECT_EQ(sheet(room), Json({cell(5, 3, 1), cell(5, 4, 2), cell(5, 5, 3), cell(6, 4, "cleared"), cell(7, 3, "a"), cell(8, 4, true)}));
  john.send("cells_update", {{"row", 6}, {"col", 4}, {"values", {{""}}}});
  EXPECT_EQ(sheet(room).size(), 5U);
}

TEST(Spreadsheet, a_block_is_set_as_a_whole_or_not_at_all) {
  Room room{spreadsheet, {{"rows", 3}, {"columns", 3}, {"max_block", 4}, {"max_cells", 3}}};
  auto& john = room.join("John");
  const auto refusal = [&](int row, int col, const Json& values) {
    john.send("cells_update", {{"row", row}, {"col", col}, {"values", values}});
    return john.next("error")["content"];
  };
  EXPECT_EQ(refusal(2, 0, {{1}, {2}}), "content.values: must end within the sheet's 3 rows");
  EXPECT_EQ(refusal(0, 2, {{1}, {1, 2}}), "content.values: must end within the sheet's 3 columns");
  EXPECT_EQ(refusal(0, 0, {{1, 2, 3}, {"", ""}}), "content.values: must be at most 4 cells; paste them in parts");
  EXPECT_EQ(refusal(0, 0, {{1, 2}, {3, 4}}), "the sheet is full: at most 3 cells can hold something; clear some first");
  EXPECT_EQ(refusal(0, 0, {{1, Json::array()}}), "content.values[0][1]: must be a string or a number or a boolean or left out");
  EXPECT_EQ(refusal(0, 0, Json::array()), "content.values: must have at least 1 entry");
  EXPECT_EQ(sheet(room), nullptr);
}

TEST(Spreadsheet, a_full_sheet_accepts_changes_that_do_not_make_it_larger) {
  Room room{spreadsheet, {{"max_cells", 2}}};
  auto& john = room.join("John");
  john.send("cells_update", {{"row", 0}, {"col", 0}, {"values", {{1, 2}}}});
  john.send("cell_update", cell(5, 5, "x"));
  EXPECT_EQ(john.next("error")["content"], "the sheet is full: at most 2 cells can hold something; clear some first");
  john.send("cell_update", cell(0, 1, 22));
  john.send("cell_update", cell(5, 5, ""));
  john.send("cells_update", {{"row", 0}, {"col", 0}, {"values", {{"", 2, 3}}}});  // removes one, adds one
  EXPECT_EQ(sheet(room), Json({cell(0, 1, 2), cell(0, 2, 3)}));
  john.send("cell_update", cell(0, 1, nullptr));
  john.send("cell_update", cell(5, 5, "x"));
  EXPECT_EQ(sheet(room), Json({cell(0, 2, 3), cell(5, 5, "x")}));
}

TEST(Spreadsheet, the_total_length_of_its_text_is_limited) {
  Room room{spreadsheet, {{"max_text", "1KiB"}}};
  auto& john = room.join("John");
  john.send("cell_update", cell(0, 0, std::string(1024, 'x')));
  john.send("cell_update", cell(0, 1, "y"));
  EXPECT_EQ(john.next("error")["content"],
            "the sheet is full: all cells together can hold at most 1024 bytes of text; clear some first");
  john.send("cell_update", cell(0, 1, 5));
  john.send("cell_update", cell(0, 0, std::string(1023, 'x')));
  john.send("cell_update", cell(0, 2, "y"));
  EXPECT_EQ(sheet(room).size(), 3U);
}

TEST(Spreadsheet, replaced_values_do_not_count_any_more) {
  Room room{spreadsheet, {{"max_text", "1KiB"}}};
  auto& john = room.join("John");
  for (const Json& other : {Json(5), Json(true), Json(nullptr), Json(""), Json("short")}) {
    for (const auto& value : {Json(std::string(1000, 'x')), other}) {
      john.send("cell_update", cell(0, 0, value));
      EXPECT_EQ(john.next("cell_update")["content"]["value"], value) << other;
    }
  }
}

TEST(Spreadsheet, over_its_limit_can_only_be_made_smaller) {
  Room room{spreadsheet, {{"max_cells", 2}, {"max_text", "1KiB"}}};
  const std::string long_text(600, 'x');
  room.restore({{0, 0, long_text}, {0, 1, long_text}, {0, 2, 3}, {0, 3, 4}});
  auto& john = room.join("John");
  const auto becomes = [&](int col, const Json& value) {
    john.take();
    john.send("cell_update", cell(0, col, value));
    return john.take("cell_update").size() == 1;
  };
  EXPECT_FALSE(becomes(4, 1));
  EXPECT_FALSE(becomes(2, "text"));
  EXPECT_TRUE(becomes(0, std::string(600, 'z'))) << "it holds as much text as before";
  EXPECT_FALSE(becomes(0, std::string(601, 'z')));
  EXPECT_TRUE(becomes(0, std::string(599, 'y')));
  EXPECT_TRUE(becomes(0, nullptr));
  EXPECT_TRUE(becomes(2, 5)) << "it holds as many cells as before";
  EXPECT_TRUE(becomes(3, ""));
  EXPECT_FALSE(becomes(4, 1));
}

TEST(Spreadsheet, every_value_counts_except_an_empty_one) {
  Room room{spreadsheet};
  auto& john = room.join("John");
  john.send("cells_update", {{"row", 0}, {"col", 3}, {"values", {{0, 0.0, false}, {"0"}, {" ", nullptr, ""}, Json::array(), {-1}}}});
  EXPECT_EQ(sheet(room), Json({cell(0, 3, 0), cell(0, 4, 0.0), cell(0, 5, false), cell(1, 3, "0"), cell(2, 3, " "), cell(4, 3, -1)}));
}

TEST(Spreadsheet, keeps_its_cells_in_an_empty_room) {
  Room room{spreadsheet, {{"max_cells", 2}}};
  room.join("John").send("cells_update", {{"row", 0}, {"col", 0}, {"values", {{1, "2"}}}});
  room.reopen();
  EXPECT_EQ(sheet(room), Json({cell(0, 0, 1), cell(0, 1, "2")}));
  auto& john = room.join("John");
  john.send("cell_update", cell(5, 5, "x"));
  EXPECT_EQ(john.next("error")["code"], "invalid");
}

TEST(Spreadsheet, passes_on_other_fields_but_replaces_the_nickname) {
  Room room{spreadsheet};
  auto& john = room.join("John");
  auto content = cell(0, 0, 1);
  content.update({{"colour", "#fff"}, {"version", 12}, {"nickname", "Jane"}});
  john.send("cell_update", content);
  content["nickname"] = "John";
  EXPECT_EQ(john.next("cell_update")["content"], content);
  EXPECT_EQ(sheet(room), Json({cell(0, 0, 1)}));
  Json block = {{"row", 0}, {"col", 0}, {"values", {{2}}}, {"colour", "#fff"}, {"nickname", "Jane"}};
  john.send("cells_update", block);
  block["nickname"] = "John";
  EXPECT_EQ(john.next("cells_update")["content"], block);
  block["id"] = "5-5";
  john.send("cells_update", block);
  EXPECT_EQ(john.next("cells_update")["content"], block) << "a block has no id";
  EXPECT_EQ(sheet(room), Json({cell(0, 0, 2)}));
}

class SpreadsheetRefuses : public testing::TestWithParam<Refused> {};

TEST_P(SpreadsheetRefuses, and_sends_the_reason_only_to_the_sender) {
  Room room{spreadsheet, {{"rows", 10}, {"columns", 5}, {"max_length", 5}}};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  expect_refused(john, jane, GetParam());
}

constexpr auto bad_id = "content.id: must be the cell's row and column, as in 4-2";

INSTANTIATE_TEST_SUITE_P(
    Cell, SpreadsheetRefuses,
    testing::Values(Refused{"nothing", "cell_update", nullptr, "content: must be an object"},
                    Refused{"no_value", "cell_update", {{"id", "0-0"}}, "content.value: is missing"},
                    Refused{"no_place", "cell_update", {{"value", 1}}, "content: must have the cell's id, or its row and col"},
                    Refused{"half_a_place", "cell_update", {{"value", 1}, {"row", 1}}, "content: must have the cell's id, or its row and col"},
                    Refused{"row_too_large", "cell_update", cell(10, 0, 1), "content.row: must be at most 9"},
                    Refused{"col_too_large", "cell_update", cell(0, 5, 1), "content.col: must be at most 4"},
                    Refused{"row_below", "cell_update", cell(-1, 0, 1), "content.row: must be at least 0"},
                    Refused{"id_outside", "cell_update", {{"id", "10-0"}, {"value", 1}}, "content.row: must be a whole number from 0 to 9"},
                    Refused{"text_outside", "cell_update", {{"row", "1"}, {"col", "5"}, {"value", 1}}, "content.col: must be a whole number from 0 to 4"},
                    Refused{"text_below", "cell_update", {{"row", "-1"}, {"col", "0"}, {"value", 1}}, "content.row: must be a whole number from 0 to 9"},
                    Refused{"no_number", "cell_update", {{"row", "1x"}, {"col", "0"}, {"value", 1}}, "content.row: must be a whole number from 0 to 9"},
                    Refused{"row_disagrees", "cell_update", {{"id", "1-1"}, {"row", 2}, {"value", 1}}, "content.id: must agree with row"},
                    Refused{"col_disagrees", "cell_update", {{"id", "1-1"}, {"col", "2"}, {"value", 1}}, "content.id: must agree with col"},
                    Refused{"id_letters", "cell_update", {{"id", "B4"}, {"value", 1}}, bad_id},
                    Refused{"id_without_a_dash", "cell_update", {{"id", "1"}, {"value", 1}}, bad_id},
                    Refused{"id_of_a_letter_and_a_col", "cell_update", {{"id", "x-1"}, {"value", 1}}, bad_id},
                    Refused{"id_of_a_row_and_a_letter", "cell_update", {{"id", "1-x"}, {"value", 1}}, bad_id},
                    Refused{"id_of_a_dash", "cell_update", {{"id", "-"}, {"value", 1}}, bad_id},
                    Refused{"no_number_beside_an_id", "cell_update", {{"id", "1-1"}, {"row", "x"}, {"value", 1}}, "content.row: must be a whole number from 0 to 9"},
                    Refused{"other_half_of_a_place", "cell_update", {{"value", 1}, {"col", 1}}, "content: must have the cell's id, or its row and col"},
                    Refused{"id_more", "cell_update", {{"id", "1-1-1"}, {"value", 1}}, bad_id},
                    Refused{"id_below", "cell_update", {{"id", "1--1"}, {"value", 1}}, bad_id},
                    Refused{"id_endless", "cell_update", {{"id", "1-99999999999"}, {"value", 1}}, bad_id},
                    Refused{"fraction", "cell_update", {{"row", 1.5}, {"col", 0}, {"value", 1}}, "content.row: must be a whole number or a string"},
                    Refused{"value_too_long", "cell_update", cell(0, 0, "123456"), "content.value: must be at most 5 characters long"},
                    Refused{"value_structured", "cell_update", cell(0, 0, Json::object()), "content.value: must be a string or a number or a boolean or left out"},
                    Refused{"more_is_structured", "cell_update", {{"id", "0-0"}, {"value", 1}, {"more", {1}}}, "content.more: must be a string or a number or a boolean or left out"}),
    [](const auto& refused) { return refused.param.what; });

TEST(Spreadsheet, only_the_server_may_send_the_sheet) {
  Room room{spreadsheet};
  auto& john = room.join("John");
  for (const auto* type : {"full_update", "sheet_limits"}) {
    john.send(type, Json::array());
    EXPECT_EQ(john.next("error")["code"], "forbidden") << type;
  }
}

TEST(Spreadsheet, refuses_options_out_of_range) {
  EXPECT_THROW(Room(spreadsheet, {{"rows", 100001}}), std::runtime_error);
  EXPECT_THROW(Room(spreadsheet, {{"columns", 0}}), std::runtime_error);
  EXPECT_THROW(Room(spreadsheet, {{"max_row", 5}}), std::runtime_error);
}

TEST(Spreadsheet, too_frequent_questions_are_refused_and_nobody_else_sees_a_question) {
  for (const auto& [question, answer] : {std::pair{"request_data", "full_update"}, std::pair{"request_limits", "sheet_limits"}}) {
    Room room{spreadsheet};
    auto& john = room.join("John");
    auto& jane = room.join("Jane");
    jane.take();
    john.send(question, nullptr, 1);
    EXPECT_EQ(john.next(answer)["ref"], 1);
    john.send(question, nullptr, 2);
    const auto refusal = john.next("error");
    EXPECT_EQ(refusal["code"], "rate_limited");
    EXPECT_EQ(refusal["ref"], 2);
    EXPECT_TRUE(jane.take().empty());
  }
}

}  // namespace

// Every limit in a plugin's README is the exact one: the value is accepted, and the next one is refused.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <hubbub/testing.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using hubbub::testing::Json;
using hubbub::testing::Room;

using Content = std::function<Json(std::int64_t)>;
using Number = std::optional<std::int64_t>;  // nothing: no such value can be sent, or there is no such limit

// One number, size or length in the content of a message.
struct Bound {
  std::string what;  // with the plugin's name before it
  std::string type;
  Content content;
  Number least, most;
  Json options = Json::object();
  std::vector<std::pair<std::string, Json>> before = {};  // earlier messages: types and contents

  std::string plugin() const { return what.substr(0, what.find("__")); }
};

// Of characters that take two bytes each.
std::string text(std::int64_t characters) {
  std::string all;
  for (; characters > 0; --characters) all += "ä";
  return all;
}
std::string letters(std::int64_t count) { return std::string(static_cast<std::size_t>(count), 'c'); }

Json with(Json content, const std::string& name, Json value) {
  content[name] = std::move(value);
  return content;
}
Json filled(Json content, std::int64_t fields) {
  for (int i = 0; static_cast<std::int64_t>(content.size()) < fields; ++i) content["field" + std::to_string(i)] = i;
  return content;
}
Json list(std::int64_t count, const Json& value) { return Json::array_t(static_cast<std::size_t>(count), value); }

// The field `name` of `content` as a number, and as a text of this many characters.
Content number(const Json& content, const std::string& name) {
  return [=](std::int64_t n) { return with(content, name, n); };
}
Content text_in(const Json& content, const std::string& name) {
  return [=](std::int64_t n) { return with(content, name, text(n)); };
}

struct Bounds {
  std::vector<Bound> all;

  void add(Bound bound) { all.push_back(std::move(bound)); }

  // Other fields that a page may send with a message of this type.
  void add_further(const std::string& what, const std::string& type, const Json& content, std::int64_t fields,
                   const std::vector<std::pair<std::string, Json>>& before = {}) {
    add({what + "_fields", type, [=](std::int64_t n) { return filled(content, n); }, {}, fields, Json::object(), before});
    add({what + "_text_of_a_field", type, text_in(content, "more"), {}, 200, Json::object(), before});
    add({what + "_name_of_a_field", type, [=](std::int64_t n) { return with(content, text(n), 1); }, {}, 64, Json::object(), before});
  }
};

void add_chat(Bounds& bounds) {
  bounds.add({"chat__message", "message", text, 1, 2000});
  bounds.add({"chat__message_by_the_option", "message", text, 1, 5, {{"max_length", 5}}});
}

void add_cursor_move(Bounds& bounds) {
  const Json pointer = {{"x", 1}, {"y", 1}}, drawing = {{"toX", 1}, {"toY", 1}}, caret = {{"cursor", 1}}, selection = {{"from", 1}, {"to", 1}};
  for (const auto* name : {"x", "y"}) bounds.add({std::string{"cursor_move__"} + name, "cursor_move", number(pointer, name), -100'000, 100'000});
  for (const auto* name : {"toX", "toY"}) bounds.add({std::string{"cursor_move__"} + name, "cursor_move", number(drawing, name), -100'000, 100'000});
  bounds.add({"cursor_move__caret", "cursor_update", number(caret, "cursor"), 0, 1'000'000'000});
  bounds.add({"cursor_move__cell", "cursor_update", text_in({}, "cellId"), 1, 64});
  for (const auto* name : {"from", "to"}) bounds.add({std::string{"cursor_move__selection_"} + name, "selection_update", number(selection, name), 0, 1'000'000'000});
  bounds.add_further("cursor_move__pointer", "cursor_move", pointer, 16);
  bounds.add_further("cursor_move__caret", "cursor_update", caret, 16);
  bounds.add_further("cursor_move__selection", "selection_update", selection, 16);
}

void add_draw(Bounds& bounds) {
  const Json line = {{"fromX", 1}, {"fromY", 1}, {"toX", 1}, {"toY", 1}, {"color", "#f00"}}, drawn = {{"color", "#f00"}};
  const Json small = {{"width", 70}, {"height", 50}, {"max_size", 7}, {"max_points", 3}};
  const auto dots = [=](std::int64_t n) { return with(drawn, "points", list(n, {1, 1})); };
  for (const auto* x : {"fromX", "toX"}) {
    bounds.add({std::string{"draw__"} + x, "draw", number(line, x), 0, 10'000});
    bounds.add({std::string{"draw__width_"} + x, "draw", number(line, x), 0, 70, small});
  }
  for (const auto* y : {"fromY", "toY"}) {
    bounds.add({std::string{"draw__"} + y, "draw", number(line, y), 0, 10'000});
    bounds.add({std::string{"draw__height_"} + y, "draw", number(line, y), 0, 50, small});
  }
  bounds.add({"draw__x_of_a_point", "draw", [=](std::int64_t n) { return with(drawn, "points", Json::array({{n, 1}})); }, 0, 70, small});
  bounds.add({"draw__y_of_a_point", "draw", [=](std::int64_t n) { return with(drawn, "points", Json::array({{1, n}})); }, 0, 50, small});
  bounds.add({"draw__pressure", "draw", [=](std::int64_t n) { return with(drawn, "points", Json::array({{1, 1, n}})); }, 0, 1});
  bounds.add({"draw__numbers_of_a_point", "draw", [=](std::int64_t n) { return with(drawn, "points", Json::array({list(n, 1)})); }, 2, 3});
  bounds.add({"draw__points", "draw", dots, 1, 500});
  bounds.add({"draw__points_by_the_option", "draw", dots, 1, 3, small});
  for (const auto& [name, most, options] : {std::tuple{"", 100, Json::object()}, std::tuple{"_by_the_option", 7, small}}) {
    bounds.add({std::string{"draw__size"} + name, "draw", number(line, "size"), 1, most, options});
    bounds.add({std::string{"draw__size_as_text"} + name, "draw", [=](std::int64_t n) { return with(line, "size", std::to_string(n)); }, 1, most, options});
  }
  bounds.add({"draw__digits_of_a_size", "draw", [=](std::int64_t n) { return with(line, "size", "5." + std::string(static_cast<std::size_t>(n - 2), '0')); }, {}, 16});
  const std::vector<std::pair<std::string, Json>> stroke = {{"draw", line}};
  bounds.add({"draw__undone_strokes", "undraw", [](std::int64_t n) { return with({}, "seqs", list(n, 1)); }, 1, 1000, Json::object(), stroke});
  bounds.add({"draw__undone_seq", "undraw", [](std::int64_t n) { return with({}, "seqs", Json::array({n, 1})); }, 1, {}, Json::object(), stroke});
  bounds.add_further("draw__stroke", "draw", line, 16);
  bounds.add_further("draw__undraw", "undraw", with({}, "seqs", Json::array({1})), 16, stroke);
  bounds.add_further("draw__clear", "clear", Json::object(), 16);
  // Text and the names of fields: 100 bytes of these count as a point, of which the board has one left.
  const std::int64_t said = 21 + 4 + 4;  // the names of the fields and the colour of `line`, and the name of what is added
  bounds.add({"draw__text_on_the_board", "draw", [=](std::int64_t n) { return with(line, "note", letters(n)); }, {}, 200 - 1 - said,
              {{"max_points", 2}, {"max_board", 3}}});
}

void add_kanban(Bounds& bounds) {
  const Json task = {{"title", "x"}, {"column", "To do"}}, update = {{"id", "a"}}, move = {{"taskId", "a"}, {"newColumn", "Done"}};
  const std::vector<std::pair<std::string, Json>> added = {{"add_task", {{"id", "a"}, {"title", "x"}, {"column", "To do"}}}};
  for (const auto& [type, content, before] : {std::tuple{"add_task", task, decltype(added){}}, std::tuple{"update_task", update, added}}) {
    const auto what = std::string{"kanban__"} + type;
    const auto add = [&](const std::string& name, Content its, Number least, Number most) {
      bounds.add({what + "_" + name, type, std::move(its), least, most, Json::object(), before});
    };
    add("title", text_in(content, "title"), 1, 200);
    add("description", text_in(content, "description"), {}, 5000);
    add("assignee", text_in(content, "assignee"), {}, 64);
    add("column", text_in(content, "column"), 1, 64);
    add("position", number(content, "position"), 0, 1'000'000);
    add("text_of_a_field", text_in(content, "more"), {}, 200);
    add("name_of_a_field", [content = content](std::int64_t n) { return with(content, text(n), 1); }, {}, 64);
  }
  bounds.add({"kanban__id_of_text", "add_task", text_in(task, "id"), 1, 64});
  bounds.add({"kanban__id_of_a_number", "add_task", number(task, "id"), -9'007'199'254'740'991, 9'007'199'254'740'991});
  // With its id, description and assignee, which the server adds, and without its position and the version.
  bounds.add({"kanban__fields_of_a_task", "add_task", [=](std::int64_t n) { return filled(with(with(task, "position", 0), "version", 0), n - 3 + 2); }, {}, 16});
  bounds.add({"kanban__fields_that_come_to_a_task", "update_task", [=](std::int64_t n) { return filled(with(with(update, "position", 0), "version", 9), n - 4 + 2); },
              {}, 16, Json::object(), added});
  bounds.add({"kanban__new_column", "move_task", text_in(move, "newColumn"), 1, 64, Json::object(), added});
  bounds.add({"kanban__new_position", "move_task", number(move, "position"), 0, 1'000'000, Json::object(), added});
  bounds.add({"kanban__version", "update_task", number(update, "version"), 0, {}, Json::object(), added});
  bounds.add_further("kanban__move", "move_task", move, 18, added);
  bounds.add_further("kanban__delete", "delete_task", update, 18, added);
}

void add_spreadsheet(Bounds& bounds) {
  const Json cell = {{"row", 1}, {"col", 1}, {"value", 1}}, block = {{"row", 998}, {"col", 98}, {"values", Json::array({{1}})}};
  const auto rows = [=](const Json& values) { return with(block, "values", values); };
  const auto id = [](std::string before, std::string after) {
    return [=](std::int64_t n) { return Json{{"id", before + std::to_string(n) + after}, {"value", 1}}; };
  };
  for (const auto& [name, most] : {std::pair{"row", 999}, std::pair{"col", 99}}) {
    const auto what = std::string{"spreadsheet__"} + name;
    bounds.add({what, "cell_update", number(cell, name), 0, most});
    bounds.add({what + "_as_text", "cell_update", [=, name = name](std::int64_t n) { return with(cell, name, std::to_string(n)); }, 0, most});
    bounds.add({what + "_of_a_block", "cells_update", number(block, name), 0, most});
    bounds.add({what + "_of_a_block_as_text", "cells_update", [=, name = name](std::int64_t n) { return with(block, name, std::to_string(n)); }, 0, most});
  }
  bounds.add({"spreadsheet__row_in_the_id", "cell_update", id("", "-1"), 0, 999});
  bounds.add({"spreadsheet__col_in_the_id", "cell_update", id("1-", ""), 0, 99});
  bounds.add({"spreadsheet__rows_of_a_block", "cells_update", [=](std::int64_t n) { return rows(list(n, {1})); }, 1, 2});
  bounds.add({"spreadsheet__columns_of_a_block", "cells_update", [=](std::int64_t n) { return rows(Json::array({list(n, 1)})); }, {}, 2});
  bounds.add({"spreadsheet__columns_of_a_later_row", "cells_update", [=](std::int64_t n) { return rows(Json::array({{1}, list(n, 1)})); }, {}, 2});
  const auto beyond = [](std::int64_t cells) {  // these and 9,900 others
    auto values = list(99, list(100, 1));
    values.push_back(list(std::min<std::int64_t>(cells, 100), 1));
    if (cells > 100) values.push_back(list(cells - 100, 1));
    return Json{{"row", 0}, {"col", 0}, {"values", std::move(values)}};
  };
  bounds.add({"spreadsheet__cells_of_a_block", "cells_update", beyond, {}, 100});
  bounds.add({"spreadsheet__value", "cell_update", text_in(cell, "value"), {}, 2000});
  bounds.add({"spreadsheet__value_in_a_block", "cells_update", [=](std::int64_t n) { return rows(Json::array({{text(n)}})); }, {}, 2000});
  bounds.add({"spreadsheet__value_by_the_option", "cell_update", text_in(cell, "value"), {}, 5, {{"max_length", 5}}});
  bounds.add({"spreadsheet__bytes_of_text", "cell_update", text_in(cell, "value"), {}, 512, {{"max_text", "1KiB"}}});
  bounds.add({"spreadsheet__cells", "cells_update", [=](std::int64_t n) { return with(with(block, "col", 0), "values", Json::array({list(n, 1)})); }, {}, 3,
              {{"max_cells", 3}}});
  bounds.add_further("spreadsheet__cell", "cell_update", cell, 16);
  bounds.add_further("spreadsheet__block", "cells_update", block, 16);
}

// Questions may have any small content.
void add_questions(Bounds& bounds) {
  for (const auto& [plugin, type] : {std::pair{"kanban", "request_tasks"}, std::pair{"spreadsheet", "request_data"}, std::pair{"spreadsheet", "request_limits"}}) {
    const auto what = std::string{plugin} + "__" + type;
    bounds.add({what + "_text", type, text, {}, 200});
    bounds.add({what + "_list", type, [](std::int64_t n) { return list(n, 1); }, {}, 16});
    bounds.add({what + "_fields", type, [](std::int64_t n) { return filled(Json::object(), n); }, {}, 16});
  }
}

void add_code_update(Bounds& bounds) {
  const Json eight = {{"max_length", 8}}, whole = {{"code", ""}}, edit = {{"version", 0}, {"changes", Json::array()}};
  const auto flowers = [](std::int64_t n) {  // of two UTF-16 units each
    std::string all;
    for (; n > 0; --n) all += "🌸";
    return all;
  };
  const auto inserted = [=](const Json& kept, auto make) {
    return [=](std::int64_t n) {
      auto changes = kept;
      changes.push_back({0, make(n)});
      return Json{{"version", kept.empty() ? 0 : 1}, {"changes", std::move(changes)}};
    };
  };
  bounds.add({"code_update__text", "code_update", text, {}, 500'000});
  bounds.add({"code_update__text_by_the_option", "code_update", text, {}, 8, eight});
  bounds.add({"code_update__text_of_pairs", "code_update", flowers, {}, 4, eight});
  bounds.add({"code_update__text_in_an_object", "code_update", text_in({}, "code"), {}, 8, eight});
  bounds.add({"code_update__text_after_an_edit", "code_edit", inserted(Json::array(), text), {}, 8, eight});
  bounds.add({"code_update__text_after_an_edit_of_some", "code_edit", inserted(Json::array({4}), text), {}, 4, eight, {{"code_update", "abcd"}}});
  bounds.add({"code_update__text_after_an_edit_of_pairs", "code_edit", inserted(Json::array({4}), flowers), {}, 2, eight, {{"code_update", "abcd"}}});
  bounds.add({"code_update__sections", "code_edit", [=](std::int64_t n) { return with(edit, "changes", list(n, 0)); }, {}, 1000});
  bounds.add({"code_update__version", "code_edit", number(edit, "version"), 0, (std::int64_t{1} << 53) - 1});
  bounds.add({"code_update__language", "code_language", letters, 1, 32});
  bounds.add({"code_update__language_with_a_text", "code_update", [=](std::int64_t n) { return with(whole, "language", letters(n)); }, 1, 32});
  for (const auto& [type, content] : {std::pair{"code_update", whole}, std::pair{"code_edit", edit}}) {
    const auto what = std::string{"code_update__"} + type;
    bounds.add({what + "_fields", type, [content = content](std::int64_t n) { return filled(content, n); }, {}, 16});
    bounds.add({what + "_text_of_a_field", type, text_in(content, "more"), {}, 200});
  }
}

void add_examples(Bounds& bounds) {
  const Json poll = {{"question", "Lunch?"}, {"choices", {"soup", "pizza", "rice"}}};
  bounds.add({"dice__sides", "dice", number(Json::object(), "sides"), 2, 100});
  bounds.add({"poll__question", "poll", text_in(poll, "question"), 1, 200});
  bounds.add({"poll__choices", "poll", [=](std::int64_t n) { return with(poll, "choices", list(n, "x")); }, 2, 10});
  bounds.add({"poll__text_of_a_choice", "poll", [=](std::int64_t n) { return with(poll, "choices", {"x", text(n)}); }, 1, 100});
  bounds.add({"poll__seconds", "poll", number(poll, "seconds"), 5, 86'400});
  bounds.add({"poll__choice", "poll_vote", number(Json::object(), "choice"), 0, 2, Json::object(), {{"poll", poll}}});
}

std::vector<Bound> every_bound() {
  Bounds bounds;
  for (const auto add : {add_chat, add_cursor_move, add_draw, add_kanban, add_spreadsheet, add_questions, add_code_update, add_examples}) add(bounds);
  return bounds.all;
}

// Whether John gets his message with this number back, or an answer to it.
bool is_taken(const Bound& bound, std::int64_t number) {
  Room room{HUBBUB_PLUGIN_DIR "/" + bound.plugin() + ".so", bound.options};
  auto& john = room.join("John");
  for (const auto& [type, content] : bound.before) john.send(type, content);
  john.take();
  john.send(bound.type, bound.content(number));
  const auto answers = john.take();
  EXPECT_FALSE(answers.empty());
  const auto error = std::ranges::find(answers, "error", [](const Json& answer) { return answer["type"].get<std::string>(); });
  if (error == answers.end()) return true;
  EXPECT_EQ((*error)["code"], "invalid") << *error;
  return false;
}

class EveryBound : public testing::TestWithParam<Bound> {};

TEST_P(EveryBound, is_reached_and_not_passed) {
  const auto& bound = GetParam();
  if (bound.least) {
    EXPECT_TRUE(is_taken(bound, *bound.least)) << *bound.least;
    EXPECT_FALSE(is_taken(bound, *bound.least - 1)) << *bound.least - 1;
  }
  if (bound.most) {
    EXPECT_TRUE(is_taken(bound, *bound.most)) << *bound.most;
    EXPECT_FALSE(is_taken(bound, *bound.most + 1)) << *bound.most + 1;
  }
}

INSTANTIATE_TEST_SUITE_P(Plugin, EveryBound, testing::ValuesIn(every_bound()), [](const auto& bound) { return bound.param.what; });

}  // namespace

#include <gtest/gtest.h>

#include <hubbub/testing.hpp>

#include "plugins/refused.hpp"

namespace {

using hubbub::testing::Client;
using hubbub::testing::expect_refused;
using hubbub::testing::Json;
using hubbub::testing::Refused;
using hubbub::testing::Room;

const std::string kanban = HUBBUB_PLUGIN_DIR "/kanban.so";

// The current greeting of a newcomer; null if there is none.
Json board(Room& room) {
  for (const auto& message : room.join("Newcomer").take()) {
    if (message["type"] == "tasks_update") return message["content"];
  }
  return nullptr;
}

// The ids of a column's tasks, in order.
Json ids(Room& room, const std::string& column) {
  Json ids = Json::array();
  for (const auto& task : board(room)) {
    if (task["column"] == column) ids.push_back(task["id"]);
  }
  return ids;
}

Json task(const Json& id, const std::string& column = "To do") {
  return {{"id", id}, {"title", "Water the plants"}, {"column", column}};
}

// John and Jane before a board with the tasks a, b and c to do.
struct Kanban : testing::Test {
  Room room{kanban};
  Client& john = room.join("John");
  Client& jane = room.join("Jane");

  Kanban() {
    for (const auto* id : {"a", "b", "c"}) john.send("add_task", task(id));
    john.take();
    jane.take();
  }

  std::string refusal(Client& client) { return client.next("error")["content"]; }
};

TEST(KanbanBoard, a_new_task_goes_out_with_every_field) {
  Room room{kanban};
  auto& john = room.join("John");
  john.send("add_task", {{"title", "Water the plants"}, {"column", "To do"}}, 7);
  const auto seen = john.next("add_task");
  EXPECT_EQ(seen["ref"], 7);
  EXPECT_EQ(seen["seq"], 1);
  auto content = seen["content"];
  EXPECT_EQ(content["id"].get<std::string>().size(), 8U);
  EXPECT_EQ(content["position"], 0);
  content.erase("id");
  content.erase("position");
  EXPECT_EQ(content, Json({{"title", "Water the plants"}, {"description", ""}, {"column", "To do"}, {"assignee", nullptr}}));
  john.send("add_task", {{"title", "Another"}, {"column", "To do"}});
  EXPECT_NE(john.next("add_task")["content"]["id"], seen["content"]["id"]);
}

TEST(KanbanBoard, is_not_sent_while_it_is_empty_unless_somebody_asks) {
  Room room{kanban};
  EXPECT_EQ(board(room), nullptr);
  auto& john = room.join("John");
  for (const Json& content : {Json(nullptr), Json(""), Json::object()}) {
    john.send("request_tasks", content, 5);
    const auto answer = john.next("tasks_update");
    EXPECT_EQ(answer["content"], Json::array());
    EXPECT_EQ(answer["ref"], 5);
    room.advance(std::chrono::seconds{1});
  }
}

TEST_F(Kanban, a_question_is_answered_only_to_the_sender) {
  john.send("request_tasks");
  EXPECT_EQ(john.next("tasks_update")["content"].size(), 3U);
  EXPECT_TRUE(jane.take().empty());
}

TEST_F(Kanban, a_newcomer_gets_the_tasks_by_column_and_position) {
  john.send("add_task", task("d", "Done"));
  auto first = task("e");
  first["position"] = 0;
  john.send("add_task", first);
  auto all = board(room);
  Json order;
  for (const auto& each : all) order.push_back(each["id"]);
  EXPECT_EQ(order, Json({"e", "a", "b", "c", "d"}));
  auto whole = task("e");
  whole.update({{"description", ""}, {"assignee", nullptr}});
  EXPECT_EQ(all[0], whole);
}

TEST_F(Kanban, a_move_is_broadcast_with_the_resulting_position) {
  const auto moved = [&](const Json& content) {
    const auto ref = content.dump();
    john.send("move_task", content, ref);
    const auto seen = jane.next("task_moved");
    EXPECT_EQ(seen["ref"], ref);
    EXPECT_GT(seen["seq"], 3);
    return seen["content"];
  };
  EXPECT_EQ(moved({{"taskId", "a"}, {"newColumn", "Done"}}), Json({{"taskId", "a"}, {"newColumn", "Done"}, {"position", 0}}));
  EXPECT_EQ(moved({{"taskId", "b"}, {"newColumn", "Done"}, {"position", 0}})["position"], 0);
  EXPECT_EQ(ids(room, "Done"), Json({"b", "a"}));
  EXPECT_EQ(moved({{"taskId", "c"}, {"newColumn", "Done"}, {"position", 99}})["position"], 2);
  EXPECT_EQ(moved({{"taskId", "b"}, {"newColumn", "Done"}})["position"], 2);  // the end, counted without it
  EXPECT_EQ(ids(room, "Done"), Json({"a", "c", "b"}));
  EXPECT_EQ(moved({{"taskId", "b"}, {"newColumn", "Done"}, {"position", 1}})["position"], 1);
  EXPECT_EQ(ids(room, "Done"), Json({"a", "b", "c"}));
}

TEST_F(Kanban, a_move_within_a_column_does_not_move_the_column) {
  john.send("add_task", task("d", "Done"));
  john.send("add_task", task("e", "Later"));
  john.send("move_task", {{"taskId", "d"}, {"newColumn", "Done"}});
  EXPECT_EQ(board(room)[3]["id"], "d");
}

TEST_F(Kanban, an_update_changes_only_the_given_fields) {
  john.send("update_task", {{"id", "b"}, {"title", "Feed the cat"}, {"assignee", "Jane"}, {"colour", "#f00"}});
  EXPECT_EQ(jane.next("update_task")["content"], Json({{"id", "b"}, {"title", "Feed the cat"}, {"assignee", "Jane"}, {"colour", "#f00"}}));
  EXPECT_EQ(board(room)[1], Json({{"id", "b"}, {"title", "Feed the cat"}, {"description", ""}, {"column", "To do"}, {"assignee", "Jane"}, {"colour", "#f00"}}));
}

TEST_F(Kanban, an_update_with_the_whole_task_leaves_it_where_it_is) {
  john.send("update_task", {{"id", "a"}, {"title", "New"}, {"description", "x"}, {"column", "To do"}, {"assignee", nullptr}});
  EXPECT_FALSE(jane.next("update_task")["content"].contains("position"));
  EXPECT_EQ(ids(room, "To do"), Json({"a", "b", "c"}));
}

TEST_F(Kanban, an_update_with_another_column_moves_the_task_too) {
  john.send("add_task", task("d", "Done"));
  john.send("update_task", {{"id", "a"}, {"column", "Done"}});
  EXPECT_EQ(jane.next("update_task")["content"], Json({{"id", "a"}, {"column", "Done"}, {"position", 1}}));
  EXPECT_EQ(ids(room, "Done"), Json({"d", "a"}));
  john.send("update_task", {{"id", "a"}, {"position", 0}});
  EXPECT_EQ(jane.next("update_task")["content"], Json({{"id", "a"}, {"column", "Done"}, {"position", 0}}));
  EXPECT_EQ(ids(room, "Done"), Json({"a", "d"}));
}

TEST_F(Kanban, the_number_17_and_the_text_17_are_the_same_id_and_stay_as_sent) {
  john.send("add_task", task(17));
  EXPECT_EQ(jane.next("add_task")["content"]["id"], 17);
  john.send("add_task", task("17"));
  EXPECT_EQ(refusal(john), "content.id: there is a task \"17\" already");
  john.send("move_task", {{"taskId", "17"}, {"newColumn", "Done"}});
  EXPECT_EQ(jane.next("task_moved")["content"]["taskId"], "17");
  john.send("update_task", {{"id", "17"}, {"title", "New"}});
  EXPECT_EQ(ids(room, "Done"), Json({17}));
  john.send("delete_task", {{"id", "17"}});
  EXPECT_EQ(jane.next("delete_task")["content"], Json({{"id", "17"}}));
  EXPECT_EQ(ids(room, "Done"), Json::array());
}

TEST_F(Kanban, a_deleted_task_can_be_added_again) {
  john.send("delete_task", {{"id", "a"}});
  john.send("add_task", task("a", "Done"));
  john.send("update_task", {{"id", "a"}, {"title", "Back"}});
  EXPECT_EQ(ids(room, "Done"), Json({"a"}));
  EXPECT_THROW(john.next("error"), std::runtime_error);
}

TEST_F(Kanban, the_second_of_two_movers_is_told_who_was_faster) {
  john.send("move_task", {{"taskId", "a"}, {"newColumn", "Done"}, {"version", 3}});
  EXPECT_FALSE(jane.next("task_moved")["content"].contains("version"));
  jane.send("move_task", {{"taskId", "a"}, {"newColumn", "Doing"}, {"version", 3}});
  EXPECT_EQ(refusal(jane), "the task was moved by John meanwhile");
  EXPECT_EQ(ids(room, "Done"), Json({"a"}));
  jane.send("move_task", {{"taskId", "a"}, {"newColumn", "Doing"}, {"version", 4}});
  EXPECT_EQ(ids(room, "Doing"), Json({"a"}));
  john.send("update_task", {{"id", "a"}, {"title", "x"}, {"version", 4}});
  EXPECT_EQ(refusal(john), "the task was moved by Jane meanwhile");
  john.send("delete_task", {{"id", "a"}, {"version", 4}});
  EXPECT_EQ(refusal(john), "the task was moved by Jane meanwhile");
}

TEST_F(Kanban, a_change_to_a_recreated_task_with_an_old_version_is_refused) {
  john.send("delete_task", {{"id", "a"}});
  john.send("add_task", task("a"));
  jane.send("update_task", {{"id", "a"}, {"title", "x"}, {"version", 3}});
  EXPECT_EQ(refusal(jane), "the task was added by John meanwhile");
  jane.send("update_task", {{"id", "a"}, {"title", "x"}, {"version", 5}});
  EXPECT_EQ(board(room)[2]["title"], "x");
}

TEST_F(Kanban, without_a_version_the_last_one_wins) {
  john.send("move_task", {{"taskId", "a"}, {"newColumn", "Done"}});
  jane.send("move_task", {{"taskId", "a"}, {"newColumn", "Doing"}});
  EXPECT_EQ(ids(room, "Doing"), Json({"a"}));
}

TEST_F(Kanban, own_changes_never_conflict) {
  for (int i = 0; i < 3; ++i) john.send("update_task", {{"id", "a"}, {"title", std::to_string(i)}, {"version", 3}});
  EXPECT_EQ(board(room)[0]["title"], "2");
}

TEST_F(Kanban, a_change_of_another_member_conflicts_even_after_an_own_change) {
  jane.send("update_task", {{"id", "a"}, {"title", "Jane's"}});
  john.send("update_task", {{"id", "a"}, {"title", "John's"}});
  john.send("update_task", {{"id", "a"}, {"title", "stale"}, {"version", 3}});
  EXPECT_EQ(refusal(john), "the task was updated by Jane meanwhile");
  room.reopen();
  auto& again = room.join("John");
  again.send("delete_task", {{"id", "a"}, {"version", 3}});
  EXPECT_EQ(refusal(again), "the task was updated by Jane meanwhile");
}

TEST_F(Kanban, moving_a_deleted_task_names_who_deleted_it) {
  jane.send("delete_task", {{"id", "a"}});
  for (const auto* moment : {"at once", "after a restart"}) {
    auto& bob = room.join("Bob");
    bob.send("move_task", {{"taskId", "a"}, {"newColumn", "Done"}});
    EXPECT_EQ(refusal(bob), "the task was deleted by Jane meanwhile") << moment;
    bob.send("update_task", {{"id", "a"}, {"title", "x"}});
    EXPECT_EQ(refusal(bob), "the task was deleted by Jane meanwhile") << moment;
    room.reopen();
  }
  auto& bob = room.join("Bob");
  bob.send("add_task", task("a"));
  bob.send("delete_task", {{"id", "a"}});
  bob.send("delete_task", {{"id", "a"}});
  EXPECT_EQ(refusal(bob), "the task was deleted by Bob meanwhile") << "the last time";
  bob.send("delete_task", {{"id", "never"}});
  EXPECT_EQ(refusal(bob), "there is no task \"never\"");
}

TEST_F(Kanban, only_the_newest_deletions_are_remembered) {
  john.send("delete_task", {{"id", "a"}});
  for (int i = 0; i < 100; ++i) {
    john.send("add_task", task(i));
    john.send("delete_task", {{"id", i}});
  }
  john.send("delete_task", {{"id", 0}});
  EXPECT_EQ(refusal(john), "the task was deleted by John meanwhile");
  john.send("delete_task", {{"id", "a"}});
  EXPECT_EQ(refusal(john), "there is no task \"a\"");
}

TEST_F(Kanban, the_board_survives_an_empty_room) {
  john.send("move_task", {{"taskId", "b"}, {"newColumn", "Done"}});
  john.send("move_task", {{"taskId", "c"}, {"newColumn", "To do"}, {"position", 0}});
  const auto before = board(room);
  room.reopen();
  EXPECT_EQ(board(room), before);
}

TEST_F(Kanban, a_task_has_a_bounded_number_of_fields) {
  for (int i = 0; i < 11; ++i) john.send("update_task", {{"id", "a"}, {"extra" + std::to_string(i), i}});
  EXPECT_THROW(john.next("error"), std::runtime_error);
  john.send("update_task", {{"id", "a"}, {"one_more", 1}});
  EXPECT_EQ(refusal(john), "content: a task can have at most 16 fields");
  john.send("update_task", {{"id", "a"}, {"extra3", "changed"}, {"version", 90}});
  EXPECT_EQ(board(room)[0]["extra3"], "changed");
  auto many = board(room)[0];
  many.erase("description");
  many.erase("id");
  many.update({{"position", 0}, {"version", 1}, {"one_more", 1}});
  john.send("add_task", many);
  EXPECT_EQ(refusal(john), "content: a task can have at most 16 fields");
  many.erase("one_more");
  john.send("add_task", many);
  many = board(room)[0];
  EXPECT_EQ(many.size(), 16U);
  many.update({{"position", 0}, {"version", 99}});
  john.send("update_task", many);
  EXPECT_THROW(john.next("error"), std::runtime_error);
}

TEST_F(Kanban, a_nickname_is_the_senders_true_one) {
  for (const Json& claimed : {Json("Jane"), Json(5), Json()}) {
    john.send("add_task", {{"id", "d"}, {"title", "x"}, {"column", "To do"}, {"nickname", claimed}});
    EXPECT_EQ(jane.next("add_task")["content"]["nickname"], "John");
    john.send("update_task", {{"id", "d"}, {"nickname", claimed}});
    EXPECT_EQ(jane.next("update_task")["content"]["nickname"], "John");
    john.send("move_task", {{"taskId", "d"}, {"newColumn", "Done"}, {"nickname", claimed}});
    EXPECT_EQ(jane.next("task_moved")["content"]["nickname"], "John");
    john.send("delete_task", {{"id", "d"}, {"nickname", claimed}});
    EXPECT_EQ(jane.next("delete_task")["content"]["nickname"], "John");
  }
}

TEST_F(Kanban, other_fields_of_a_move_are_passed_on_and_not_kept) {
  john.send("move_task", {{"taskId", "a"}, {"newColumn", "To do"}, {"position", 0}, {"by", "hand"}});
  EXPECT_EQ(jane.next("task_moved")["content"]["by"], "hand");
  EXPECT_FALSE(board(room)[0].contains("by"));
  john.send("update_task", {{"id", "a"}, {"by", "hand"}, {"position", 0}});
  EXPECT_EQ(board(room)[0]["by"], "hand");
  EXPECT_FALSE(board(room)[0].contains("position"));
}

TEST_F(Kanban, columns_are_in_the_order_of_their_first_use) {
  const auto columns = [&] {
    std::vector<std::string> names;
    for (const auto& each : board(room)) {
      if (names.empty() || names.back() != each["column"]) names.push_back(each["column"]);
    }
    return names;
  };
  for (const auto* name : {"Z", "A"}) john.send("add_task", task(name, name));
  EXPECT_EQ(columns(), (std::vector<std::string>{"To do", "Z", "A"}));
  john.send("move_task", {{"taskId", "Z"}, {"newColumn", "A"}});
  john.send("move_task", {{"taskId", "Z"}, {"newColumn", "Z"}});
  EXPECT_EQ(columns(), (std::vector<std::string>{"To do", "A", "Z"})) << "it was gone meanwhile";
  room.reopen();
  EXPECT_EQ(columns(), (std::vector<std::string>{"To do", "A", "Z"}));
}

TEST(KanbanBoard, has_the_configured_columns_in_their_order) {
  Room room{kanban, {{"columns", {"To do", "Done"}}}};
  auto& john = room.join("John");
  john.send("add_task", task("a", "Done"));
  john.send("add_task", task("b", "To do"));
  john.send("add_task", task("c", "Later"));
  EXPECT_EQ(john.next("error")["content"], "content.column: must be one of \"To do\", \"Done\"");
  john.send("move_task", {{"taskId", "a"}, {"newColumn", "to do"}});
  EXPECT_EQ(john.next("error")["content"], "content.newColumn: must be one of \"To do\", \"Done\"");
  EXPECT_EQ(board(room)[0]["id"], "b");
}

TEST(KanbanBoard, keeps_empty_configured_columns_in_their_place) {
  Room room{kanban, {{"columns", {"To do", "Done"}}}};
  auto& john = room.join("John");
  john.send("add_task", task("a", "To do"));
  john.send("add_task", task("b", "Done"));
  john.send("move_task", {{"taskId", "a"}, {"newColumn", "Done"}});
  john.send("move_task", {{"taskId", "a"}, {"newColumn", "To do"}});
  EXPECT_EQ(board(room)[0]["id"], "a");
  john.send("delete_task", {{"id", "a"}});
  john.send("add_task", task("c", "To do"));
  EXPECT_EQ(board(room)[0]["id"], "c");
}

TEST(KanbanBoard, sends_a_newcomer_the_configured_columns_before_the_tasks) {
  for (const Json& columns : {Json::array(), Json{"To do", "Done", "Later"}}) {
    Room room{kanban, {{"columns", columns}}};
    room.join("John").send("add_task", task("a"));
    auto& jane = room.join("Jane");
    EXPECT_EQ(jane.next("columns")["content"], columns);
    EXPECT_EQ(jane.next("tasks_update")["content"].size(), 1U);
    jane.send("columns", {"Mine"}, 7);
    EXPECT_EQ(jane.next("error")["code"], "forbidden");
  }
}

TEST(KanbanBoard, sends_nothing_if_it_was_never_used) {
  Room room{kanban};
  auto& john = room.join("John");
  const auto greeting = john.take();
  EXPECT_TRUE(std::ranges::none_of(greeting, [](const auto& message) { return message["type"] == "columns" || message["type"] == "tasks_update"; }));
  john.send("request_tasks");
  EXPECT_EQ(john.next("tasks_update")["content"], Json::array()) << "who asks is answered";
  john.send("add_task", task("a"));
  john.send("delete_task", {{"id", "a"}});
  EXPECT_EQ(room.join("Jane").next("columns")["content"], Json::array()) << "it was used";
  room.reopen();
  EXPECT_EQ(room.join("Jane").next("columns")["content"], Json::array()) << "and that is not forgotten";
}

TEST(KanbanBoard, has_at_most_50_columns_and_removes_empty_ones) {
  Room room{kanban};
  auto& john = room.join("John");
  for (int i = 0; i < 50; ++i) john.send("add_task", task(i, "column " + std::to_string(i)));
  EXPECT_THROW(john.next("error"), std::runtime_error);
  john.send("add_task", task("x", "another"));
  EXPECT_EQ(john.next("error")["content"], "content.column: there are 50 columns already; use one of them");
  john.send("move_task", {{"taskId", 3}, {"newColumn", "another"}});
  EXPECT_EQ(john.next("error")["content"], "content.newColumn: there are 50 columns already; use one of them");
  john.send("move_task", {{"taskId", 3}, {"newColumn", "column 0"}, {"position", 0}});
  EXPECT_EQ(ids(room, "column 0"), Json({3, 0})) << "one that is there takes more";
  john.send("add_task", task("x", "another"));
  EXPECT_EQ(ids(room, "another"), Json({"x"}));
}

// A state that a server with other options has stored.
TEST(KanbanBoard, continues_with_removed_columns_and_with_more_tasks_than_allowed) {
  Json state;
  {
    Room room{kanban};
    auto& john = room.join("John");
    for (const auto* id : {"a", "b", "c"}) john.send("add_task", task(id, "Old"));
    state = room.snapshot();
  }
  Room room{kanban, {{"columns", {"To do", "Done"}}, {"max_tasks", 2}}};
  room.restore(state);
  EXPECT_EQ(ids(room, "Old"), Json({"a", "b", "c"}));
  auto& john = room.join("John");
  EXPECT_EQ(john.next("columns")["content"], Json({"To do", "Done"}));
  john.send("add_task", task("d"));
  EXPECT_EQ(john.next("error")["content"], "the board is full: it can have at most 2 tasks; delete one first");
  john.send("update_task", {{"id", "a"}, {"title", "New"}});
  john.send("move_task", {{"taskId", "c"}, {"newColumn", "Done"}});
  john.send("move_task", {{"taskId", "c"}, {"newColumn", "Old"}});
  EXPECT_EQ(john.next("error")["content"], "content.newColumn: must be one of \"To do\", \"Done\"");
  EXPECT_EQ(board(room)[1]["title"], "New");
  EXPECT_EQ(ids(room, "Done"), Json({"c"}));
  for (const auto* id : {"a", "b"}) john.send("delete_task", {{"id", id}});
  john.send("add_task", task("d"));
  EXPECT_EQ(ids(room, "To do"), Json({"d"}));
}

TEST(KanbanBoard, continues_with_a_task_that_has_more_fields_than_allowed) {
  Json fields = {{"id", "a"}, {"title", "Old"}, {"column", "To do"}};
  for (int i = 0; i < 20; ++i) fields["extra" + std::to_string(i)] = i;
  const Json last = {{"seq", 0}, {"id", "john"}, {"nickname", "John"}, {"what", "added"}};
  Room room{kanban};
  room.restore({{"tasks", {{{"fields", fields}, {"last", last}}}}, {"deletions", Json::array()}});
  auto& john = room.join("John");
  john.send("update_task", {{"id", "a"}, {"title", "New"}, {"extra3", "changed"}});
  EXPECT_EQ(board(room)[0]["title"], "New");
  john.send("update_task", {{"id", "a"}, {"one_more", 1}});
  EXPECT_EQ(john.next("error")["content"], "content: a task can have at most 16 fields");
}

TEST(KanbanBoard, is_full_at_some_point) {
  Room room{kanban, {{"max_tasks", 2}}};
  auto& john = room.join("John");
  for (const auto* id : {"a", "b", "c"}) john.send("add_task", task(id));
  EXPECT_EQ(john.next("error")["content"], "the board is full: it can have at most 2 tasks; delete one first");
  john.send("delete_task", {{"id", "a"}});
  john.send("add_task", task("c"));
  EXPECT_EQ(ids(room, "To do"), Json({"b", "c"}));
}

TEST(KanbanBoard, only_the_server_may_send_the_board) {
  Room room{kanban};
  auto& john = room.join("John");
  for (const auto* type : {"tasks_update", "task_moved"}) {
    john.send(type, Json::object());
    EXPECT_EQ(john.next("error")["code"], "forbidden");
  }
}

TEST(KanbanBoard, refuses_options_that_make_no_sense) {
  const std::string why = "must be a list of at most 50 different names of 1 to 64 characters each";
  for (const Json& columns : {Json("To do"), Json({1, 2}), Json({"a", "a"}), Json({""}), Json({std::string(65, 'x')})}) {
    try {
      Room room{kanban, {{"columns", columns}}};
      ADD_FAILURE() << columns;
    } catch (const std::runtime_error& error) {
      EXPECT_NE(std::string{error.what()}.find(why), std::string::npos) << error.what();
    }
  }
  EXPECT_THROW(Room(kanban, {{"max_tasks", 0}}), std::runtime_error);
  Json columns = Json::array();
  for (int i = 0; i < 50; ++i) columns.push_back("column " + std::to_string(i));
  std::string longest;
  for (int i = 0; i < 64; ++i) longest += "ä";
  columns[0] = longest;
  Room room{kanban, {{"columns", columns}}};
  EXPECT_EQ(room.join("John").next("columns")["content"], columns);
  columns[0] = longest + "ä";
  EXPECT_THROW(Room(kanban, {{"columns", columns}}), std::runtime_error);
  columns[0] = "first";
  columns.push_back("one more");
  EXPECT_THROW(Room(kanban, {{"columns", columns}}), std::runtime_error);
}

class KanbanRefuses : public testing::TestWithParam<Refused> {};

TEST_P(KanbanRefuses, and_sends_the_reason_only_to_the_sender) {
  Room room{kanban};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  john.send("add_task", task("a"));
  expect_refused(john, jane, GetParam());
}

INSTANTIATE_TEST_SUITE_P(
    Task, KanbanRefuses,
    testing::Values(
        Refused{"nothing", "add_task", nullptr, "content: must be an object"},
        Refused{"no_title", "add_task", {{"column", "To do"}}, "content.title: is missing"},
        Refused{"empty_title", "add_task", {{"title", ""}, {"column", "x"}}, "content.title: must not be empty"},
        Refused{"long_title", "add_task", {{"title", std::string(201, 'x')}, {"column", "x"}}, "content.title: must be at most 200 characters long"},
        Refused{"no_column", "add_task", {{"title", "x"}}, "content.column: is missing"},
        Refused{"long_column", "add_task", {{"title", "x"}, {"column", std::string(65, 'x')}}, "content.column: must be at most 64 characters long"},
        Refused{"known_id", "add_task", {{"id", "a"}, {"title", "x"}, {"column", "x"}}, "content.id: there is a task \"a\" already"},
        Refused{"empty_id", "add_task", {{"id", ""}, {"title", "x"}, {"column", "x"}}, "content.id: must not be empty"},
        Refused{"fractional_id", "add_task", {{"id", 1.5}, {"title", "x"}, {"column", "x"}}, "content.id: must be a string or a whole number"},
        Refused{"huge_id", "add_task", {{"id", 9007199254740992}, {"title", "x"}, {"column", "x"}}, "content.id: must be at most 9007199254740991"},
        Refused{"structured_extra", "add_task", {{"title", "x"}, {"column", "x"}, {"tags", {"y"}}}, "content.tags: must be a string or a number or a boolean or left out"},
        Refused{"long_description", "update_task", {{"id", "a"}, {"description", std::string(5001, 'x')}}, "content.description: must be at most 5000 characters long"},
        Refused{"long_assignee", "update_task", {{"id", "a"}, {"assignee", std::string(65, 'x')}}, "content.assignee: must be at most 64 characters long"},
        Refused{"title_gone", "update_task", {{"id", "a"}, {"title", nullptr}}, "content.title: must be a string"},
        Refused{"no_id", "update_task", {{"title", "x"}}, "content.id: is missing"},
        Refused{"unknown_id", "update_task", {{"id", "b"}, {"title", "x"}}, "there is no task \"b\""},
        Refused{"bad_version", "update_task", {{"id", "a"}, {"version", -1}}, "content.version: must be at least 0"},
        Refused{"no_target", "move_task", {{"taskId", "a"}}, "content.newColumn: is missing"},
        Refused{"below_the_top", "move_task", {{"taskId", "a"}, {"newColumn", "x"}, {"position", -1}}, "content.position: must be at least 0"},
        Refused{"unknown_move", "move_task", {{"taskId", 5}, {"newColumn", "x"}}, "there is no task 5"},
        Refused{"unknown_delete", "delete_task", {{"id", 5}}, "there is no task 5"}),
    [](const auto& refused) { return refused.param.what; });

TEST(KanbanQuestion, too_frequent_questions_are_refused_and_nobody_else_sees_a_question) {
  Room room{kanban};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  jane.take();
  john.send("request_tasks", nullptr, 1);
  EXPECT_EQ(john.next("tasks_update")["ref"], 1);
  john.send("request_tasks", nullptr, 2);
  const auto refusal = john.next("error");
  EXPECT_EQ(refusal["code"], "rate_limited");
  EXPECT_EQ(refusal["ref"], 2);
  EXPECT_TRUE(jane.take().empty());
}

}  // namespace

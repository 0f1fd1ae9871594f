#include <gtest/gtest.h>

#include <hubbub/testing.hpp>

namespace {

using hubbub::testing::Json;
using hubbub::testing::Room;
using namespace std::chrono_literals;

const std::string probe = HUBBUB_FIXTURE_DIR "/probe.so";

std::vector<std::string> types(const std::vector<Json>& messages) {
  std::vector<std::string> names;
  for (const auto& message : messages) names.push_back(message["type"]);
  return names;
}

TEST(Room, greets_first_and_then_announces_a_newcomer_to_everyone) {
  Room room{probe};
  auto& john = room.join("John");
  EXPECT_EQ(types(john.take()), (std::vector<std::string>{"welcome", "answer", "users_update", "system"}));
  room.advance(1s);
  auto& jane = room.join("Jane");
  const auto seen = john.take();
  EXPECT_EQ(types(seen), (std::vector<std::string>{"users_update", "system"}));
  EXPECT_EQ(seen[0]["content"], (Json{"John", "Jane"}));
  EXPECT_EQ(seen[0]["room"], "general");
  EXPECT_EQ(seen[1]["content"], "Jane joined the room");
  EXPECT_EQ(seen[1]["nickname"], "System");
  room.advance(1s);
  jane.leave();
  const auto then = john.take();
  EXPECT_EQ(types(then), (std::vector<std::string>{"system", "users_update"}));
  EXPECT_EQ(then[0]["content"], "Jane left the room");
  EXPECT_EQ(then[1]["content"], Json{"John"});
}

TEST(Room, coalesces_the_list_of_users_when_busy_and_ends_with_the_true_one) {
  Room room{probe};
  auto& john = room.join("John");
  for (int i = 0; i < 50; ++i) room.join("Guest" + std::to_string(i));
  room.advance(10s);
  std::size_t lists = 0;
  Json last;
  for (const auto& message : john.take()) {
    if (message["type"] == "users_update") ++lists, last = message["content"];
  }
  EXPECT_EQ(lists, 2U);
  EXPECT_EQ(last.size(), 51U);
}

TEST(Room, numbers_logged_messages_from_one_without_gaps_whatever_is_refused_between) {
  Room room{probe};
  auto& john = room.join("John");
  for (const auto* text : {"a", "refuse", "throw", "b", "throw a number", "undeclared", "not text", "c"}) {
    john.send("note", text);
  }
  EXPECT_EQ(john.next("note")["seq"], 1);
  EXPECT_EQ(john.next("note")["seq"], 2);
  EXPECT_EQ(john.next("note")["seq"], 3);
}

TEST(Room, answers_a_refusal_to_its_sender_alone) {
  Room room{probe};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  jane.take();
  john.send("note", "refuse", 5);
  const auto error = john.next("error");
  EXPECT_EQ(error["code"], "invalid");
  EXPECT_EQ(error["content"], "content: must not be refuse");
  EXPECT_EQ(error["ref"], 5);
  EXPECT_TRUE(jane.take().empty());
}

TEST(Room, answers_internal_when_a_plugin_fails_and_lives_on) {
  for (const auto* what : {"throw", "throw a number", "undeclared", "not text"}) {
    Room room{probe};
    auto& john = room.join("John");
    john.send("note", what, 1);
    EXPECT_EQ(john.next("error")["code"], "internal") << what;
    john.send("note", "fine");
    EXPECT_EQ(john.next("note")["seq"], 1) << what;
  }
}

TEST(Room, takes_content_of_another_form_than_the_plugin_expects_as_the_senders_mistake) {
  Room room{probe};
  auto& john = room.join("John");
  john.send("sum", {{"a", 1}});
  const auto error = john.next("error");
  EXPECT_EQ(error["code"], "invalid");
  EXPECT_EQ(error["content"], "content: key 'b' not found");
}

TEST(Room, undoes_what_a_failing_apply_has_done) {
  Room room{probe};
  auto& john = room.join("John");
  john.send("note", "kept");
  john.send("note", "throw in apply");
  EXPECT_EQ(john.next("error")["code"], "internal");
  john.send("ask");
  EXPECT_EQ(john.next("answer")["content"], Json{"kept"});
  john.send("note", "next");
  EXPECT_EQ(john.next("note")["seq"], 2);
}

TEST(Room, lets_a_plugin_answer_one_member_with_the_ref_of_the_question) {
  Room room{probe};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  john.take();
  jane.take();
  john.send("ask", nullptr, "q");
  EXPECT_EQ(john.next("answer")["ref"], "q");
  EXPECT_TRUE(jane.take().empty());
}

TEST(Room, broadcasts_under_the_type_that_the_plugin_chose) {
  Room room{probe};
  auto& john = room.join("John");
  john.send("sum", {{"a", 1}, {"b", 2}}, 9);
  const auto seen = john.next("summed");
  EXPECT_EQ(seen["content"], 3);
  EXPECT_EQ(seen["seq"], 1);
  EXPECT_EQ(seen["ref"], 9);
}

TEST(Room, does_not_log_a_repetition_again_but_acknowledges_it) {
  Room room{probe};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  john.send("note", "once", "r1");
  const auto first = john.next("note");
  john.leave();
  auto& again = room.join("John");
  again.take();
  jane.take();
  again.send("note", "once", "r1");
  EXPECT_EQ(again.next("note"), first);
  for (const auto& message : jane.take()) EXPECT_NE(message["type"], "note");
  jane.send("note", "hers", "r1");  // a ref is its sender's own
  EXPECT_EQ(jane.next("note")["seq"], 2);
}

TEST(Room, resumes_with_exactly_what_was_missed) {
  Room room{probe};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  const auto epoch = jane.next("welcome")["content"]["epoch"].get<std::string>();
  john.send("note", "seen");
  jane.leave();
  for (const auto* text : {"one", "two"}) john.send("note", text);
  auto& back = room.resume("Jane", "jane", epoch, 1);
  john.send("note", "three");
  const auto welcome = back.next("welcome");
  EXPECT_EQ(welcome["content"]["recovered"], true);
  EXPECT_EQ(welcome["content"]["seq"], 3);
  EXPECT_EQ(back.next("note")["seq"], 2);
  EXPECT_EQ(back.next("note")["seq"], 3);
  EXPECT_EQ(back.next("note")["seq"], 4);
  for (const auto& message : back.take()) EXPECT_NE(message["type"], "note");
}

TEST(Room, greets_like_a_newcomer_where_the_position_is_unknown) {
  Room room{probe};
  auto& john = room.join("John");
  const auto epoch = john.next("welcome")["content"]["epoch"].get<std::string>();
  john.send("note", "one");
  for (const auto& [its_epoch, seq] : {std::pair{std::string{"another"}, 1}, std::pair{epoch, 2}}) {
    auto& jane = room.resume("Jane", "jane", its_epoch, static_cast<std::uint64_t>(seq));
    EXPECT_EQ(jane.next("welcome")["content"]["recovered"], false);
    EXPECT_EQ(jane.next("answer")["content"], Json{"one"});
  }
}

TEST(Room, keeps_only_the_newest_ephemeral_message_of_a_sender_that_is_too_fast) {
  Room room{probe};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  jane.take();
  for (int i = 0; i < 10; ++i) john.send("blink", i);
  EXPECT_EQ(jane.next("blink")["content"]["value"], 0);
  EXPECT_TRUE(jane.take().empty());
  room.advance(100ms);
  EXPECT_EQ(jane.next("blink")["content"]["value"], 9);
  room.advance(1s);
  for (const auto& message : jane.take()) EXPECT_NE(message["type"], "blink");
}

TEST(Room, refuses_a_logged_type_beyond_its_rate_and_says_when_to_come_back) {
  Room room{probe};
  auto& john = room.join("John");
  john.send("slow_note", 1);
  john.send("slow_note", 2, "again");
  const auto error = john.next("error");
  EXPECT_EQ(error["code"], "rate_limited");
  EXPECT_EQ(error["ref"], "again");
  room.advance(std::chrono::milliseconds{error["retry_after_ms"].get<int>()});
  john.send("slow_note", 2, "again");
  EXPECT_EQ(john.next("slow_note")["content"], 2);
}

TEST(Room, gives_its_plugins_timers_and_hooks_for_who_comes_and_goes) {
  Room room{probe, {{"announces", true}}};
  auto& john = room.join("John");
  EXPECT_EQ(john.next("answer")["content"], Json::array());
  EXPECT_EQ(john.next("answer")["content"], "hello John");
  john.send("wake", 500);
  room.advance(499ms);
  for (const auto& message : john.take()) EXPECT_NE(message["type"], "note");
  room.advance(1ms);
  const auto note = john.next("note");
  EXPECT_EQ(note["seq"], 1);
  EXPECT_EQ(note["nickname"], "System");
  EXPECT_FALSE(note.contains("id"));
  room.join("Jane").leave();
  EXPECT_EQ(john.next("gone")["content"], "Jane");
}

TEST(Room, restores_its_state_after_it_was_empty) {
  Room room{probe};
  auto& john = room.join("John");
  for (int i = 0; i < 5; ++i) john.send("note", i);
  room.reopen();
  EXPECT_EQ(room.join("Jane").next("answer")["content"], (Json{0, 1, 2, 3, 4}));
}

TEST(Room, lets_in_those_whom_a_plugin_fails_to_greet) {
  Room room{probe};
  auto& john = room.join("throw");
  john.send("note", "hello");
  EXPECT_EQ(john.next("note")["content"], "hello");
}

TEST(RoomConnection, is_told_what_is_wrong_with_each_message_and_stays) {
  Room room{probe};
  auto& john = room.join("John");
  john.take();
  const auto refused = [&](std::string_view text, const char* code, const Json& ref = nullptr) {
    john.send_text(text);
    const auto error = john.next("error");
    EXPECT_EQ(error["code"], code) << text;
    EXPECT_EQ(error["room"], "general");
    EXPECT_EQ(error["nickname"], "System");
    EXPECT_EQ(error.value("ref", Json{}), ref) << text;
  };
  refused("", "bad_json");
  refused("{", "bad_json");
  refused("[]", "bad_json");
  refused("null", "bad_json");
  refused(R"({"content":1})", "bad_json");
  refused(R"({"type":7,"ref":3})", "bad_json", 3);
  refused(R"({"type":"note","content":1e999})", "bad_json");
  refused(R"({"type":"note","content":NaN})", "bad_json");
  refused(R"({"type":"note","content":"\ud800"})", "bad_json");
  refused(std::string(100'000, '['), "bad_json");
  refused(R"({"type":"note","content":)" + std::string(32, '[') + std::string(32, ']') + "}", "bad_json");
  refused(R"({"type":"note","ref":{}})", "invalid");
  refused(R"({"type":"note","ref":")" + std::string(65, 'x') + "\"}", "invalid");
  refused(R"({"type":"nobody","ref":"x"})", "unknown_type", "x");
  refused(R"({"type":")" + std::string(65, 'x') + "\"}", "unknown_type");
  refused(R"({"type":"summed","content":1,"ref":1})", "forbidden", 1);
  john.send("note", "still here");
  EXPECT_EQ(john.next("note")["content"], "still here");
}

TEST(RoomConnection, stamps_who_and_where_whatever_the_client_wrote) {
  Room room{probe};
  auto& john = room.join("John");
  john.send_text(R"({"type":"note","content":1,"room":"x","nickname":"Jane","id":"jane","seq":99,"ts":1})");
  const auto note = john.next("note");
  EXPECT_EQ(note["room"], "general");
  EXPECT_EQ(note["nickname"], "John");
  EXPECT_EQ(note["id"], "john");
  EXPECT_EQ(note["seq"], 1);
}

TEST(RoomConnection, is_slowed_down_and_in_the_end_closed_when_it_floods) {
  Room room{probe};
  auto& john = room.join("John");
  for (int i = 0; i < 1000; ++i) john.send("note", i);
  john.take();
  john.send("note", "too much", 1);
  const auto error = john.next("error");
  EXPECT_EQ(error["code"], "rate_limited");
  EXPECT_EQ(error["ref"], 1);
  room.advance(std::chrono::milliseconds{error["retry_after_ms"].get<int>()});
  john.send("note", "now");
  EXPECT_EQ(john.next("note")["content"], "now");
  for (int i = 0; i < 1000; ++i) john.send("note", i);
  EXPECT_EQ(john.closed(), 4502);
}

}  // namespace

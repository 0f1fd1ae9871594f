// The guarantees of hubbub/testing.hpp, on which the tests of other people's plugins rely.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <hubbub/testing.hpp>
#include <tuple>

namespace hubbub::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const fs::path chat = HUBBUB_PLUGIN_DIR "/chat.so";
const fs::path probe = HUBBUB_FIXTURE_DIR "/probe.so";

template <class Call>
std::string complaint(Call call) {
  try {
    call();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "none";
}

// A file as `hubbub export` writes it.
class Recorded : public ::testing::Test {
 protected:
  Recorded() { fs::create_directories(folder_); }
  ~Recorded() override { fs::remove_all(folder_); }

  fs::path file(const std::vector<Json>& lines) const {
    std::ofstream stream{folder_ / "rooms.jsonl"};
    for (const auto& line : lines) stream << line << '\n';
    return folder_ / "rooms.jsonl";
  }

  static Json begin(const std::string& room, int first = 1) { return {{"room", room}, {"epoch", "e"}, {"first", first}}; }
  static Json said(const std::string& room, int seq, const Json& content, const std::string& plugin = "probe") {
    return {{"room", room}, {"seq", seq}, {"plugin", plugin}, {"version", "0"},
            {"message", {{"type", "note"}, {"content", content}, {"room", room}, {"nickname", "Jane"}, {"id", "jane"},
                         {"seq", seq}, {"ts", 1'800'000'000'000 + seq}}}};
  }
  static Json snapshot(const std::string& room, int seq, const Json& state) {
    return {{"room", room}, {"snapshot", seq}, {"state", {{"probe", state}}}};
  }

 private:
  fs::path folder_ = fs::temp_directory_path() /
                     (std::string{"hubbub-"} + ::testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST(Room, of_a_service_is_none) {
  EXPECT_THAT(complaint([] { const Room room{HUBBUB_FIXTURE_DIR "/clerk.so"}; }), HasSubstr("clerk.so is a service: it is in no room"));
}

TEST(Snapshot, is_the_plugins_state_before_and_after_anything_happened) {
  Room room{probe};
  EXPECT_EQ(room.snapshot(), Json::array());
  auto& john = room.join("John");
  john.send("note", "one");
  EXPECT_EQ(room.snapshot(), Json({"one"}));
  john.send("note", "two");
  EXPECT_EQ(room.snapshot(), Json({"one", "two"}));
  EXPECT_EQ(room.snapshot(), Json({"one", "two"}));
  room.reopen();
  EXPECT_EQ(room.snapshot(), Json({"one", "two"}));
}

TEST(Snapshot, reports_where_the_logs_state_differs_from_the_rooms) {
  Room room{HUBBUB_FIXTURE_DIR "/forgetful.so"};
  room.join("John").send("forgotten");
  EXPECT_EQ(complaint([&] { room.snapshot(); }), "the state is 1 from the log, but 2 in the room");
}

TEST(Restore, gives_a_room_that_begins_with_that_state) {
  Room room{probe};
  room.join("John").send("note", "gone");
  room.restore({"kept"});
  auto& jane = room.join("Jane");
  EXPECT_EQ(jane.next("answer")["content"], Json({"kept"}));
  jane.send("note", "more");
  EXPECT_EQ(jane.next("note")["seq"], 1);
  EXPECT_EQ(room.snapshot(), Json({"kept", "more"}));
}

TEST(Restore, of_an_unusable_state_fails_and_leaves_the_room_unchanged) {
  Room room{probe};
  room.join("John").send("note", "kept");
  EXPECT_THAT(complaint([&] { room.restore({{"a", 1}}); }), HasSubstr("probe cannot use the state {\"a\":1}: "));
  EXPECT_EQ(room.join("Jane").next("answer")["content"], Json({"kept"}));
}

TEST_F(Recorded, a_room_is_the_same_for_new_members_and_for_those_who_resume) {
  Room room{probe};
  room.replay(file({begin("garden"), said("garden", 1, "one"), said("garden", 2, "two"), snapshot("garden", 2, {"not", "asked"})}));
  EXPECT_EQ(room.join("John").next("answer")["content"], Json({"one", "two"}));
  auto& jane = room.resume("Jane", "jane", "e", 1);
  EXPECT_EQ(jane.next("welcome")["content"]["recovered"], true);
  EXPECT_EQ(jane.next("note")["content"], "two");
  jane.send("note", "three");
  const auto three = jane.next("note");
  EXPECT_EQ(three["seq"], 3);
  EXPECT_EQ(three["room"], "garden");
  EXPECT_EQ(room.snapshot(), Json({"one", "two", "three"}));
}

TEST_F(Recorded, the_time_is_that_of_the_last_message) {
  Room room{probe};
  std::vector<Json> lines{begin("garden")};
  for (int last = 1; last <= 3; ++last) {
    lines.push_back(said("garden", last, "some"));
    room.replay(file(lines));
    auto& john = room.join("John");
    john.send("note", "more");
    EXPECT_EQ(john.next("note")["ts"], 1'800'000'000'000 + last);
  }
}

TEST_F(Recorded, a_state_that_changes_when_restored_is_reported) {
  Room room{HUBBUB_FIXTURE_DIR "/forgetful.so"};
  auto line = said("garden", 1, nullptr, "forgetful");
  line["message"]["type"] = "forgotten";
  room.replay(file({begin("garden"), line}));
  room.join("John");
  EXPECT_EQ(complaint([&] { room.snapshot(); }), "the state is 1 from the log, but 0 after a restore");
}

TEST_F(Recorded, messages_missing_in_the_file_are_in_its_snapshot) {
  Room room{probe};
  room.replay(file({begin("garden", 8), said("garden", 8, "eight"), said("garden", 9, "nine"), snapshot("garden", 8, {"up to eight"})}));
  auto& john = room.join("John");
  EXPECT_EQ(john.next("answer")["content"], Json({"up to eight", "nine"}));
  john.send("note", "ten");
  EXPECT_EQ(john.next("note")["seq"], 10);
}

TEST_F(Recorded, messages_of_other_plugins_are_skipped) {
  Room room{probe};
  room.replay(file({begin("garden"), said("garden", 1, "one"), said("garden", 2, "two", "chat")}));
  EXPECT_EQ(room.join("John").next("answer")["content"], Json({"one"}));
  EXPECT_EQ(room.snapshot(), Json({"one"}));
}

TEST_F(Recorded, of_several_rooms_one_is_named) {
  Room room{probe};
  const auto two = file({begin("garden"), said("garden", 1, "g"), begin("kitchen"), said("kitchen", 1, "k")});
  room.replay(two, "kitchen");
  EXPECT_EQ(room.join("John").next("answer")["content"], Json({"k"}));
  EXPECT_EQ(complaint([&] { room.replay(two); }), two.string() + R"( holds several rooms; name one of "garden", "kitchen")");
  EXPECT_EQ(complaint([&] { room.replay(two, "attic"); }), two.string() + R"( has no room "attic"; name one of "garden", "kitchen")");
  EXPECT_EQ(complaint([&] { room.replay("none.jsonl"); }), "cannot read none.jsonl");
  const auto none = file({});
  EXPECT_EQ(complaint([&] { room.replay(none); }), none.string() + " holds no room");
}

TEST_F(Recorded, a_message_that_the_plugin_cannot_apply_is_named) {
  Room room{probe};
  const auto broken = file({begin("garden"), said("garden", 1, "throw in apply")});
  const auto text = complaint([&] { room.replay(broken); });
  EXPECT_THAT(text, HasSubstr("probe cannot apply {"));
  EXPECT_THAT(text, HasSubstr("\"seq\":1"));
  EXPECT_THAT(text, HasSubstr("}: apply was told to throw"));
}

TEST_F(Recorded, a_mistake_in_the_file_is_reported_with_its_line) {
  Room room{probe};
  const auto gap = file({begin("garden"), said("garden", 2, "two")});
  EXPECT_EQ(complaint([&] { room.replay(gap); }), gap.string() + ":2: its seq must be 1");
}

TEST(Client, returns_received_messages_by_type) {
  Room room{chat};
  auto& john = room.join("John");
  for (const auto* text : {"one", "two"}) john.send("message", text);
  const auto said = john.take("message");
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[1]["content"], "two");
  EXPECT_TRUE(john.take().empty());
}

TEST(Client, that_waits_for_a_type_skips_others_and_leaves_later_messages) {
  Room room{chat};
  auto& john = room.join("John");
  john.take();
  john.send("message", "one");
  john.send("typing", true);
  john.send("message", "two");
  EXPECT_EQ(john.next("typing")["content"], true);
  EXPECT_EQ(john.next("message")["content"], "two");
  john.send("message", "three");
  const auto words = complaint([&] { john.next("typing"); });
  EXPECT_THAT(words, HasSubstr("no message of type typing has arrived, only:\n  {"));
  EXPECT_THAT(words, HasSubstr("three"));
  EXPECT_TRUE(john.take().empty()) << "what is told is taken";
}

TEST(Client, that_resumes_is_known_by_its_refs_even_after_a_restart_or_kill) {
  Room room{chat};
  auto& first = room.join("John");
  first.send("message", "once", "r1");
  first.leave();
  for (const auto* how : {"leave", "reopen", "kill"}) {
    auto& john = room.join("John");
    john.take();
    john.send("message", "once", "r1");
    EXPECT_EQ(john.next("message")["seq"], 1) << how;
    auto& other = room.join("John");  // it is another client, because the first one is still there
    other.take();
    other.send("message", "once", std::string{"r1"});
    EXPECT_GT(other.next("message")["seq"], 1) << how;
    other.leave();
    john.leave();
    if (how == std::string{"reopen"}) room.reopen();
    if (how == std::string{"kill"}) room.kill();
  }
}

TEST(Client, has_the_given_id_or_its_nickname_in_lower_case) {
  Room room{chat};
  const std::tuple<const char*, const char*, const char*> names[] = {{"John", "", "john"}, {"JANE-2", "", "jane-2"}, {"Bob", "b:1", "b:1"}};
  for (const auto& [nickname, id, expected] : names) {
    const auto welcome = room.join(nickname, id).next("welcome")["content"];
    EXPECT_EQ(welcome["id"], expected);
    EXPECT_EQ(welcome["nickname"], nickname);
  }
}

TEST(Client, that_the_server_has_closed_receives_no_more_and_knows_the_code) {
  Room room{chat};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  EXPECT_FALSE(john.closed());
  for (int i = 0; i < 3000 && !john.closed(); ++i) john.send_text("no JSON");
  EXPECT_EQ(john.closed(), 4502);
  john.take();
  jane.send("message", "hello");
  EXPECT_EQ(jane.take("message").size(), 1U);
  EXPECT_TRUE(john.take().empty());
}

TEST(Client, that_has_left_cannot_send_and_may_leave_again) {
  Room room{chat};
  auto& john = room.join("John");
  john.leave();
  john.leave();
  EXPECT_EQ(complaint([&] { john.send("message", "late"); }), "this client has left");
}

TEST(Room, refuses_a_missing_library) {
  EXPECT_THAT(complaint([] { Room room{HUBBUB_FIXTURE_DIR "/chat.so"}; }), HasSubstr("there is no library chat.so in "));
}

TEST(Room, is_restored_from_a_snapshot_when_it_is_reopened_and_from_its_log_when_it_was_killed) {
  Room room{HUBBUB_FIXTURE_DIR "/witness.so"};
  const auto first_call = [&room](const std::string& nickname) {
    auto& client = room.join(nickname);
    client.send("calls");
    return client.next("told")["content"][0];
  };
  room.join("John").send("mark", 1);
  room.kill();
  EXPECT_EQ(first_call("Jane"), "apply 1 by John");
  room.reopen();
  EXPECT_EQ(first_call("Ann"), "restore state");
}

TEST(Room, has_the_time_that_the_test_sets) {
  Room room{probe};
  auto& john = room.join("John");
  john.send("wake", 5000);
  room.advance(std::chrono::milliseconds{4999});
  EXPECT_TRUE(john.take("note").empty());
  room.advance(std::chrono::milliseconds{1});
  EXPECT_EQ(john.take("note").size(), 1U);
}

TEST(Room, fires_each_timer_at_its_time_however_far_the_clock_moves) {
  Room room{probe};
  auto& john = room.join("John");
  john.send("note", "now");
  const auto now = john.next("note")["ts"].get<std::int64_t>();
  john.send("wake", 5000);
  room.advance(std::chrono::hours{1});
  const auto woken = john.next("note");
  EXPECT_EQ(woken["ts"].get<std::int64_t>(), now + 5000);
  EXPECT_EQ(woken["content"], "woken at " + std::to_string(now + 5000));
  john.send("note", "later");
  EXPECT_EQ(john.next("note")["ts"].get<std::int64_t>(), now + 3'600'000);
}

TEST(Room, wakes_a_plugin_at_the_time_of_its_last_request) {
  for (const auto& [first, second] : {std::pair{5000, 8000}, std::pair{8000, 5000}}) {
    Room room{probe};
    auto& john = room.join("John");
    john.send("wake", first);
    john.send("wake", second);
    room.advance(std::chrono::milliseconds{second - 1});
    EXPECT_TRUE(john.take("note").empty()) << first;
    room.advance(std::chrono::milliseconds{1});
    EXPECT_EQ(john.take("note").size(), 1U);
    room.advance(std::chrono::minutes{1});
    EXPECT_TRUE(john.take("note").empty()) << "once";
  }
}

TEST(Resume, delivers_messages_logged_since_and_no_greeting) {
  Room room{probe};
  auto& john = room.join("John");
  const auto welcome = john.next("welcome")["content"];
  for (const auto* text : {"one", "two", "three"}) john.send("note", text);
  auto& jane = room.resume("Jane", "jane", welcome["epoch"], 1);
  EXPECT_EQ(jane.next("welcome")["content"]["recovered"], true);
  const auto came = jane.take();
  std::string types;
  for (const auto& message : came) types += message["type"].get<std::string>() + " ";
  EXPECT_TRUE(types.starts_with("note note ")) << types;
  EXPECT_EQ(types.find("answer"), types.npos) << types;
  EXPECT_EQ(came.at(0)["seq"], 2);
  auto& bob = room.resume("Bob", "bob", "another", 1);
  EXPECT_EQ(bob.next("welcome")["content"]["recovered"], false);
  EXPECT_EQ(bob.next("answer")["content"], Json({"one", "two", "three"}));
}

TEST(Restore, begins_a_new_log_that_nobody_can_resume_into) {
  Room room{probe};
  const auto before = room.join("John").next("welcome")["content"]["epoch"];
  room.restore({"kept"});
  auto& john = room.resume("John", "john", before, 0);
  const auto welcome = john.next("welcome")["content"];
  EXPECT_NE(welcome["epoch"], before);
  EXPECT_EQ(welcome["recovered"], false);
  EXPECT_EQ(welcome["seq"], 0);
}

TEST(Snapshot, fails_with_the_plugins_message) {
  Room room{probe};
  room.join("John").send("note", "throw in snapshot");
  EXPECT_EQ(complaint([&] { room.snapshot(); }), "probe cannot return its state: snapshot was told to throw");
}

TEST(Reopen, lets_everybody_leave_first) {
  Room room{probe, {{"announces", true}}};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  jane.take();
  room.reopen();
  EXPECT_EQ(jane.next("gone")["content"], "John");
  for (auto* client : {&john, &jane}) EXPECT_EQ(complaint([&] { client->send("note", "late"); }), "this client has left");
}

TEST(Reopen, takes_no_time_and_fires_no_timer) {
  Room room{probe};
  auto& john = room.join("John");
  john.send("note", "before");
  const auto before = john.next("note")["ts"].get<std::int64_t>();
  john.send("wake", 5000);
  room.reopen();
  auto& jane = room.join("Jane");
  EXPECT_EQ(jane.next("answer")["content"], Json({"before"}));
  jane.send("note", "after");
  EXPECT_EQ(jane.next("note")["ts"].get<std::int64_t>(), before);
  room.advance(std::chrono::milliseconds{5000});
  EXPECT_TRUE(jane.take("note").empty()) << "a timer is not part of the state";
}

TEST(Kill, leaves_the_log_and_makes_no_more_calls) {
  Room room{probe, {{"announces", true}}};
  auto& john = room.join("John");
  john.send("note", "one");
  const auto welcome = john.next("welcome")["content"];
  john.take();
  room.kill();
  EXPECT_TRUE(john.take().empty());
  EXPECT_FALSE(john.closed());
  EXPECT_EQ(complaint([&] { john.send("note", "lost"); }), "this client has left");
  auto& jane = room.resume("Jane", "jane", welcome["epoch"], 0);
  EXPECT_EQ(jane.next("welcome")["content"]["recovered"], true);
  EXPECT_EQ(jane.next("note")["content"], "one");
  EXPECT_EQ(room.join("Bob").next("answer")["content"], Json({"one"}));
  jane.send("note", "two");
  EXPECT_EQ(jane.next("note")["seq"], 2);
}

TEST(Kill, and_a_restart_can_follow_each_other_with_people_in_the_room) {
  Room room{probe};
  for (int i = 1; i <= 3; ++i) {
    room.join("John").send("note", i);
    room.join("Jane");
    i % 2 == 0 ? room.reopen() : room.kill();
    EXPECT_EQ(room.snapshot().size(), static_cast<std::size_t>(i));
  }
}

}  // namespace
}  // namespace hubbub::testing

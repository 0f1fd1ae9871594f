#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "plugins/script_files.hpp"
#include "plugins/still_room.hpp"

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using namespace script_test;

TEST(Script, the_dice_roll) {
  Room room{library, examples("dice.lua")};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  std::set<int> rolls;
  for (int i = 0; i < 200; ++i) {
    john.send("dice", {{"sides", 6}});
    const auto seen = jane.next("dice");
    EXPECT_EQ(seen["content"]["sides"], 6);
    EXPECT_EQ(seen["seq"], i + 1);
    rolls.insert(seen["content"]["roll"].get<int>());
  }
  EXPECT_EQ(rolls, (std::set{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(answer(john, "dice", {{"sides", 1}}), "invalid: content.sides: must be at least 2");
}

// A poll

const Json lunch = {{"question", "Lunch?"}, {"choices", {"soup", "pizza"}}, {"minutes", 5}};

TEST(Script, a_poll_counts_votes_tells_newcomers_and_closes_at_its_deadline) {
  Room room{library, examples("poll.lua")};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  EXPECT_EQ(answer(john, "vote", 1), "invalid: there is no poll");
  john.send("poll", lunch);
  john.send("vote", 1);
  jane.send("vote", 2);
  john.send("vote", 2);
  EXPECT_EQ(answer(jane, "vote", 3), "invalid: there are only 2 choices");
  EXPECT_EQ(answer(jane, "poll", lunch), "invalid: there is a poll already; wait until it is closed");
  const Json result = {{"question", "Lunch?"}, {"choices", {"soup", "pizza"}}, {"counts", {0, 2}}};
  EXPECT_EQ(room.join("Bob").next("poll_open")["content"], result);
  room.advance(5min - 1ms);
  for (const auto& message : john.take()) EXPECT_NE(message["type"], "poll_closed");
  room.advance(1ms);
  const auto closed = john.next("poll_closed");
  EXPECT_EQ(closed["content"], result);
  EXPECT_GT(closed["seq"], 0);
  EXPECT_EQ(answer(john, "vote", 1), "invalid: there is no poll");
}

TEST(Script, the_table_state_and_a_deadline_survive_an_empty_room) {
  Room room{library, examples("poll.lua")};
  auto& john = room.join("John");
  john.send("poll", lunch);
  john.send("vote", 2);
  room.reopen();
  auto& jane = room.join("Jane");
  EXPECT_EQ(jane.next("poll_open")["content"]["counts"], Json({0, 1}));
  room.advance(5min);
  EXPECT_EQ(jane.next("poll_closed")["content"]["counts"], Json({0, 1}));
  room.reopen();
  EXPECT_EQ(answer(room.join("Bob"), "vote", 1), "invalid: there is no poll");
}

// The contract

TEST(Script, a_message_is_broadcast_unchanged_without_on_message) {
  const Scripts scripts{R"(logged("note") ephemeral("wink"))"};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  EXPECT_EQ(answer(john, "note", {{"a", 1}}), Json({{"a", 1}}));
  EXPECT_EQ(answer(john, "wink"), nullptr);
}

TEST(Script, on_message_broadcasts_replies_and_rejects) {
  const Scripts scripts{R"(
    logged("say") logged("said", {from_server = true}) question("ask")
    function on_message(sender, message)
      if message.content == "no" then
        pcall(reject, "not " .. sender.nickname .. ", with " .. sender.id)
        broadcast(message)
      end
      if message.type == "ask" then return reply({type = "said", content = "to you alone"}) end
      broadcast({type = "said", content = message.content})
    end)"};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  jane.take();
  EXPECT_EQ(answer(john, "say", "no"), "invalid: not John, with john") << "though it was in a pcall";
  john.send("ask");
  const auto reply = john.next("said");
  EXPECT_EQ(reply["content"], "to you alone");
  EXPECT_FALSE(reply.contains("seq")) << "a reply is not logged, whatever its type";
  EXPECT_TRUE(jane.take().empty());
  john.send("say", "hello");
  EXPECT_EQ(jane.next("said")["content"], "hello");
}

TEST(Script, functions_see_the_room_and_its_people) {
  const Scripts scripts{R"(
    ephemeral("seen", {from_server = true}) question("where")
    function on_message(sender, message)
      reply({type = "seen", content = {room.name(), room.members(), room.unix_ms() > 1e12}})
    end
    function on_join(member) room.send(member, {type = "seen", content = "hello " .. member.nickname}) end
    function on_leave(member) room.post({type = "seen", content = "bye " .. member.id}) end)"};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  EXPECT_EQ(jane.next("seen")["content"], "hello Jane");
  EXPECT_EQ(john.next("seen")["content"], "hello John");
  jane.leave();
  EXPECT_EQ(john.next("seen")["content"], "bye jane");
  john.send("where");
  EXPECT_EQ(john.next("seen")["content"], Json({"general", 1, true}));
}

TEST(Script, entries_are_replayed_to_newcomers_as_they_were_sent) {
  const Scripts scripts{R"(
    logged("note")
    state.notes = list{}
    function apply(entry) table.insert(state.notes, entry) end
    function greet(newcomer, greeting)
      for _, entry in ipairs(state.notes) do greeting.replay(entry) end
    end)"};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  john.send("note", {{"x", nullptr}, {"y", Json::array()}});
  john.send("note");
  const auto first = john.next("note");
  const auto second = john.next("note");
  room.reopen();
  auto& jane = room.join("Jane");
  EXPECT_EQ(jane.next("note"), first);
  EXPECT_EQ(jane.next("note"), second);
}

TEST(Script, a_file_may_define_what_is_kept) {
  const Scripts scripts{R"(
    logged("add") question("sum")
    local numbers = {}
    function apply(entry) numbers[#numbers + 1] = entry.content end
    function snapshot() return table.concat(numbers, " ") end
    function restore(text) for number in text:gmatch("%d+") do numbers[#numbers + 1] = tonumber(number) end end
    function on_message(sender, message)
      if message.type == "add" then return broadcast(message) end
      local sum = 0
      for _, number in ipairs(numbers) do sum = sum + number end
      reply({type = "sum", content = sum})
    end)"};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  for (const int number : {3, 4, 5}) john.send("add", number);
  room.reopen();
  EXPECT_EQ(answer(room.join("Jane"), "sum"), 12);
}

TEST(Script, each_file_has_its_own_names_state_and_timer) {
  const std::string text = R"(
    logged(options.prefix .. NAME) ephemeral("woke_" .. NAME, {from_server = true})
    count = 0
    string.upper = nil
    function on_message(sender, message)
      count = (state.count or 0) + 1
      room.wake_after(NAME == "x" and 1000 or 3000)
      message.content = {count = count, upper = ("a"):upper()}
      broadcast(message)
    end
    function apply(entry) state.count = entry.content.count end
    function on_timer() room.post({type = "woke_" .. NAME, content = state.count}) end)";
  const Scripts scripts{{{"one.lua", "NAME = 'x'" + text}, {"two.lua", "NAME = 'y'" + text}}, {{"options", {{"prefix", "count_"}}}}};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  EXPECT_EQ(answer(john, "count_x"), Json({{"count", 1}, {"upper", "A"}}));
  EXPECT_EQ(answer(john, "count_x")["count"], 2);
  EXPECT_EQ(answer(john, "count_y"), Json({{"count", 1}, {"upper", "A"}}));
  room.advance(1s);
  EXPECT_EQ(john.next("woke_x")["content"], 2);
  for (const auto& message : john.take()) EXPECT_NE(message["type"], "woke_y");
  room.advance(2s);
  EXPECT_EQ(john.next("woke_y")["content"], 1);
  room.reopen();
  EXPECT_EQ(answer(room.join("Jane"), "count_x")["count"], 3);
}

TEST(Script, a_timer_goes_off_once) {
  const Scripts scripts{R"(
    logged("sleep") ephemeral("woke", {from_server = true})
    function on_message(sender, message) room.wake_after(1000) broadcast(message) end
    function on_timer() room.post({type = "woke"}) end)"};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  john.send("sleep");
  room.advance(1min);
  EXPECT_EQ(john.take("woke").size(), 1U);
}

// Requests to be woken (who, after how many ms), in order; and who is woken after how many ms.
TEST(Script, each_file_is_woken_exactly_at_its_last_requested_time) {
  const std::string text = R"(
    question("sleep_" .. NAME) ephemeral("woke_" .. NAME, {from_server = true})
    function on_message(sender, message)
      room.wake_after(message.content)
      reply({type = message.type, content = room.unix_ms()})
    end
    function on_timer() room.post({type = "woke_" .. NAME, content = room.unix_ms()}) end)";
  const Scripts scripts{{{"one.lua", "NAME = 'x'" + text}, {"two.lua", "NAME = 'y'" + text}}};
  using Times = std::vector<std::pair<std::string, std::int64_t>>;
  const std::pair<Times, Times> cases[] = {
      {{{"x", 5000}, {"x", 1000}}, {{"x", 1000}}},
      {{{"x", 1000}, {"x", 5000}}, {{"x", 5000}}},
      {{{"x", 5000}, {"y", 1000}}, {{"y", 1000}, {"x", 5000}}},
      {{{"x", 1000}, {"y", 5000}}, {{"x", 1000}, {"y", 5000}}},
      {{{"x", 1000}, {"y", 1000}}, {{"x", 1000}, {"y", 1000}}},
      {{{"x", 5000}, {"y", 3000}, {"x", 1000}}, {{"x", 1000}, {"y", 3000}}},
      {{{"x", 1000}, {"y", 3000}, {"x", 5000}}, {{"y", 3000}, {"x", 5000}}},
      {{{"y", 3000}, {"y", 4000}, {"x", 3500}}, {{"x", 3500}, {"y", 4000}}},
  };
  for (const auto& [asked, expected] : cases) {
    Room room{library, scripts.options()};
    auto& john = room.join("John");
    std::int64_t now = 0;
    for (const auto& [name, delay] : asked) now = answer(john, "sleep_" + name, delay);
    room.advance(1min);
    Times woken;
    for (const auto& message : john.take()) {
      const auto type = message["type"].get<std::string>();
      if (type.starts_with("woke_")) woken.emplace_back(type.substr(5), message["content"].get<std::int64_t>() - now);
    }
    EXPECT_EQ(woken, expected);
  }
}

TEST(Script, a_wait_may_last_from_zero_to_a_year) {
  const Scripts scripts{R"(
    question("sleep") ephemeral("woke", {from_server = true})
    function on_message(sender, message) room.wake_after(message.content) reply(message) end
    function on_timer() room.post({type = "woke"}) end)"};
  constexpr std::int64_t year = 365LL * 24 * 3600 * 1000;
  for (const auto& [delay, is_one] : {std::pair{std::int64_t{-1}, false}, std::pair{std::int64_t{0}, true}, std::pair{year, true}, std::pair{year + 1, false}}) {
    Room room{library, scripts.options()};
    auto& john = room.join("John");
    EXPECT_EQ(answer(john, "sleep", delay), is_one ? Json(delay) : Json(failed));
    room.advance(std::chrono::milliseconds{year});
    EXPECT_EQ(john.take("woke").size(), is_one ? 1U : 0U) << delay;
  }
}

TEST(Script, greets_each_newcomer_separately_and_runs_on_open_before_anybody_joins) {
  const Scripts scripts{R"(
    question("order") ephemeral("hello", {from_server = true})
    local order = list{}
    local function note(...) order[#order + 1] = table.concat({...}, " ") .. " of " .. room.members() end
    function on_open() note("open") end
    function on_join(member) note("join", member.nickname) end
    function on_leave(member) note("leave", member.nickname) end
    function greet(newcomer, greeting) greeting.send({type = "hello", content = {newcomer.id, newcomer.nickname, newcomer.connection}}) end
    function on_message(sender, message) reply({type = "order", content = order}) end)"};
  Room room{library, scripts.options()};
  auto& john = room.join("John", "j1");
  auto& jane = room.join("Jane");
  EXPECT_EQ(john.next("hello")["content"], Json({"j1", "John", 1}));
  EXPECT_EQ(jane.next("hello")["content"], Json({"jane", "Jane", 2}));
  john.leave();
  EXPECT_EQ(answer(jane, "order"), Json({"open of 0", "join John of 1", "join Jane of 2", "leave John of 1"}));
}

TEST(Script, a_failure_in_one_file_does_not_affect_others_and_posts_keep_their_order) {
  const Scripts scripts{{{"a.lua", R"(logged("a") function on_join(member) error("never") end)"},
                         {"b.lua", R"(
    logged("b") ephemeral("hello", {from_server = true})
    function on_join(member)
      for i = 1, 3 do room.post({type = "hello", content = member.nickname .. i}) end
    end)"}}};
  Room room{library, scripts.options()};
  std::vector<Json> heard;
  for (const auto& message : room.join("John").take("hello")) heard.push_back(message["content"]);
  EXPECT_EQ(heard, (std::vector<Json>{"John1", "John2", "John3"}));
}

TEST(Script, the_state_of_a_file_is_kept_while_the_file_is_not_listed) {
  const auto text = [](const std::string& name) {
    return "logged('" + name + "') question('of_" + name + "') ephemeral('has_" + name + "', {from_server = true})" + R"(
      function apply(entry) state.count = (state.count or 0) + 1 end
      function on_message(sender, message)
        if message.type == ")" + name + R"(" then broadcast(message) else reply({type = ")" + "has_" + name + R"(", content = state.count or 0}) end
      end)";
  };
  const Scripts both{{{"a.lua", text("a")}, {"b.lua", text("b")}}}, one{{{"a.lua", text("a")}}};
  Json state;
  {
    Room room{library, both.options()};
    auto& john = room.join("John");
    for (const auto* type : {"a", "b", "b"}) john.send(type);
    state = room.snapshot();
  }
  // After that, the log has one message of each file that was never applied.
  const auto folder = std::filesystem::temp_directory_path() / ("hubbub-log-" + std::to_string(std::random_device{}()));
  std::filesystem::create_directory(folder);
  {
    std::ofstream log{folder / "room.jsonl"};
    log << R"({"room":"r","epoch":"e","first":1})" << '\n';
    const char* types[] = {"a", "b", "b", "a", "b"};
    for (int seq = 1; seq <= 5; ++seq) {
      const Json message = {{"type", types[seq - 1]}, {"content", nullptr}, {"id", "john"}, {"nickname", "John"}, {"seq", seq}, {"ts", 1}};
      log << Json{{"room", "r"}, {"seq", seq}, {"plugin", "script"}, {"version", "1"}, {"message", message}}.dump() << '\n';
    }
  }
  const auto without = [&](auto begin) {
    Room room{library, one.options()};
    begin(room);
    room.join("Jane").send("a");
    return room.snapshot();
  };
  const auto restored = without([&](Room& room) { room.restore(state); });
  const auto replayed = without([&](Room& room) { room.replay(folder / "room.jsonl"); });
  std::filesystem::remove_all(folder);
  for (const auto& [left, a, b] : {std::tuple{restored, 2, 2}, std::tuple{replayed, 3, 3}}) {
    Room room{library, both.options()};
    room.restore(left);
    auto& john = room.join("John");
    for (const auto& [name, count] : {std::pair{"a", a}, std::pair{"b", b}}) {
      john.send(std::string{"of_"} + name);
      EXPECT_EQ(john.next(std::string{"has_"} + name)["content"], count);
    }
  }
}

TEST(Script, types_are_checked_paced_and_kept_to_the_server_as_declared) {
  const Scripts scripts{R"==(
    logged("table", {schema = {type = "array", items = {type = "integer"}, maxItems = 2}})
    logged("text", {schema = '{"type": "string", "maxLength": 3}'})
    logged("slow", {max_rate = 1})
    logged("mine", {from_server = true}))=="};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  EXPECT_EQ(answer(john, "table", {1, 2}), Json({1, 2}));
  EXPECT_EQ(answer(john, "table", {1, "2"}), "invalid: content[1]: must be a whole number");
  EXPECT_EQ(answer(john, "text", "long"), "invalid: content: must be at most 3 characters long");
  EXPECT_EQ(answer(john, "slow"), nullptr);
  EXPECT_THAT(answer(john, "slow").get<std::string>(), HasSubstr("rate_limited"));
  EXPECT_THAT(answer(john, "mine").get<std::string>(), HasSubstr("forbidden"));
}

// Mistakes

struct Mistake {
  const char* name;
  const char* text;
  const char* words;
};

class Mistakes : public testing::TestWithParam<Mistake> {};

TEST_P(Mistakes, are_reported_at_the_start_with_file_and_line) {
  EXPECT_EQ(Scripts{GetParam().text}.problems(), std::string{"the options given to the room: plugins.script.files[0]: "} + GetParam().words);
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(File, Mistakes, testing::Values(
    Mistake{"syntax", "logged('a')\nfunction on_message(\n", "a.lua:3: <name> or '...' expected near <eof>"},
    Mistake{"bytecode", "\x1bLuaT", "a.lua:1: holds a control character; remove it"},
    Mistake{"error", "logged('a')\n\nerror('not today')", "a.lua:3: not today"},
    Mistake{"loop", "logged('a')\nwhile true do end", "a.lua:2: it was stopped after 1000000 instructions; raise the option instructions to allow more"},
    Mistake{"memory", "x = ('x'):rep(1 << 30)", "a.lua: it needs more memory than the option memory allows"},
    Mistake{"no_types", "-- nothing\n", "a.lua: it declares no type; write logged(\"name\"), ephemeral(\"name\") or question(\"name\")"},
    Mistake{"unknown_property", "logged('a', {\n  max_rat = 5,\n})", "a.lua:1: a type has no max_rat; known here: schema, max_rate, keep_newest, from_server"},
    Mistake{"wrong_rate", "logged('a', {max_rate = 'x'})", "a.lua:1: max_rate must be a number of messages a second"},
    Mistake{"no_rate", "logged('a', {max_rate = 0})", "a.lua:1: max_rate must be a number of messages a second"},
    Mistake{"too_fast", "logged('a', {max_rate = 1000000.5})", "a.lua:1: max_rate must be a number of messages a second"},
    Mistake{"properties_as_a_list", "logged('a', {5})", "a.lua:1: the properties of a type need names: {max_rate = 5}"},
    Mistake{"declared_too_late", "logged('a')\nlocal ok, why = pcall(logged, 'b') if not ok then error(why) end\nlocal f = logged f('c') f('c')", "a.lua:3: the type c is declared twice"},
    Mistake{"restore_alone", "logged('a')\nfunction restore() end", "a.lua: snapshot and restore go together; define both, or keep what lasts in the table state"},
    Mistake{"wrong_flag", "logged('a', {from_server = 1})", "a.lua:1: from_server must be true or false"},
    Mistake{"question_and_newest", "question('a', {keep_newest = true})", "a.lua:1: keep_newest is for ephemeral types"},
    Mistake{"logged_and_newest", "logged('a', {keep_newest = true})", "a.lua:1: keep_newest is for ephemeral types"},
    Mistake{"schema_that_is_no_json", "logged('a', {schema = '{'})", "a.lua:1: schema is not JSON"},
    Mistake{"type_twice", "logged('a')\nquestion('a')", "a.lua:2: the type a is declared twice"},
    Mistake{"type_that_is_no_text", "logged(print)", "a.lua:1: bad argument #1 to 'logged' (string expected, got function)"},
    Mistake{"unknown_function", "logged('a')\nfunction on_mesage() end", "a.lua: no function on_mesage is ever called; there are on_message, on_open, on_join, on_leave and on_timer"},
    Mistake{"no_function", "logged('a')\non_message = 5", "a.lua: on_message must be a function"},
    Mistake{"snapshot_alone", "logged('a')\nfunction snapshot() end", "a.lua: snapshot and restore go together; define both, or keep what lasts in the table state"},
    Mistake{"chance", "logged('a' .. math.random(9))", "a.lua:1: math.random is not allowed in the file, which must give the same result whenever it runs"}),
    [](const auto& mistake) { return mistake.param.name; });
// clang-format on

TEST(Script, files_that_are_missing_or_disagree_are_reported) {
  const std::string where = "the options given to the room: plugins.script.";
  EXPECT_EQ(Scripts("logged('a')", {{"files", {"/nowhere/b.lua"}}}).problems(), where + "files[0]: /nowhere/b.lua: cannot be read: no such file or directory");
  EXPECT_EQ((Scripts{{{"a.lua", "logged('x')"}, {"b.lua", "logged('x')"}}}.problems()),
            where + "files[1]: b.lua: it declares the type x, which a.lua handles; leave out one of the two");
  EXPECT_EQ((Scripts{{{"a.lua", "logged('x')"}, {"a.txt", "logged('y')"}}}.problems()),
            where + "files[1]: a.txt: there is another a, whose state would be kept under the same name; rename one");
  EXPECT_EQ((Scripts{{{"a.lua", "logged('x')"}, {"b.lua", "("}, {"c.lua", "!"}}}.problems()),
            where + "files[1]: b.lua:1: unexpected symbol near <eof>\n" + where + "files[2]: c.lua:1: unexpected symbol near '!'");
  EXPECT_THAT(Scripts("logged('a', {schema = {type = 5}})").problems(), HasSubstr("plugins.script: has an unusable schema for the type a: "));
  EXPECT_EQ(Scripts("logged('a')", {{"options", 5}}).problems(), where + "options: must be lines of \"name: value\", not 5");
}

TEST(Script, a_value_that_is_no_decision_or_a_foreign_type_fails) {
  const Scripts scripts{{{"a.lua", R"(
    logged("try")
    function on_message(sender, message)
      local what = message.content
      if what == "twice" then broadcast(message) end
      if what == "foreign" then message.type = "other" end
      if what == "unknown field" then message.contents = 1 end
      if what ~= "nothing" then broadcast(message) end
    end)"}, {"b.lua", "logged('other')"}}};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  for (const char* what : {"twice", "foreign", "unknown field", "nothing"}) EXPECT_EQ(answer(john, "try", what), failed) << what;
  EXPECT_EQ(answer(john, "try", "fine"), "fine");
}

TEST(Script, types_have_their_declared_class) {
  const Scripts scripts{R"(
    logged("a") ephemeral("b") question("c") logged("d", {from_server = true}) ephemeral("e", {keep_newest = true, max_rate = 1000000})
    ephemeral("f", {keep_newest = false, from_server = false, max_rate = 0.5}))"};
  const auto registry = hubbub::testing::load_plugin(HUBBUB_PLUGIN_DIR, "script", scripts.options());
  std::string told;
  for (const auto* name : {"a", "b", "c", "d", "e", "f"}) {
    const auto& type = registry.find(name)->type;
    told += std::string{name} + (type.is_logged() ? " logged" : type.is_ephemeral() ? " ephemeral" : " question") + (type.is_from_server() ? " from_server" : "") +
            (type.keeps_newest() ? " keep_newest" : "") + (type.max_rate() != 0 ? " " + std::to_string(type.max_rate()) : "") + "\n";
  }
  EXPECT_EQ(told, "a logged\nb ephemeral\nc question\nd logged from_server\ne ephemeral keep_newest 1000000.000000\nf ephemeral 0.500000\n");
}

TEST(Script, a_question_goes_only_to_the_plugin) {
  const Scripts scripts{"question('ask') logged('say') function on_message(sender, message) broadcast({type = 'ask'}) end"};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  jane.take();
  for (const auto* type : {"ask", "say"}) EXPECT_EQ(answer(john, type), failed) << type;
  EXPECT_TRUE(jane.take().empty());
}

TEST(Script, each_file_has_its_own_copy_of_the_options) {
  const std::string text = R"(
    question(NAME)
    options.list[1] = NAME
    options.changed = (options.changed or 0) + 1
    function on_message(sender, message) reply({type = NAME, content = options}) end)";
  const Json options = {{"list", {"a", "b"}}, {"deep", {{"er", nullptr}}}};
  const Scripts scripts{{{"one.lua", "NAME = 'x'" + text}, {"two.lua", "NAME = 'y'" + text}}, {{"options", options}}};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  for (const auto* name : {"x", "y"}) EXPECT_EQ(answer(john, name), Json({{"list", {name, "b"}}, {"deep", {{"er", nullptr}}}, {"changed", 1}}));
}

TEST(Script, without_files_there_are_no_types) {
  Room room{library};
  EXPECT_EQ(room.join("John").next("welcome")["content"]["types"], Json::array());
}

}  // namespace

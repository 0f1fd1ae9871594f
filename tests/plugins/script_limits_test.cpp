// What a script cannot do: run forever, reach outside, or give another result when it is replayed.
#include <gtest/gtest.h>

#include <chrono>
#include <ctime>

#include "plugins/script_files.hpp"

namespace {

using namespace script_test;

// Limits

struct Runaway {
  const char* name;
  const char* body;
};

class Limits : public testing::TestWithParam<Runaway> {};

// In on_message and in apply: the message is refused, and the state is unchanged afterwards.
TEST_P(Limits, stop_a_script_and_leave_the_room_as_it_was) {
  const std::string run = std::string{"local function run()\n"} + GetParam().body + "\nend\n";
  const Scripts scripts{run + R"(
    logged("now") logged("later") logged("fine") question("count")
    function on_message(sender, message)
      if message.type == "count" then return reply({type = "count", content = state.count or 0}) end
      if message.type == "now" then run() end
      broadcast(message)
    end
    function apply(entry)
      state.count = (state.count or 0) + 1
      if entry.type == "later" then run() end
    end)"};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  EXPECT_EQ(answer(john, "fine", 1), 1);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(answer(john, "now"), failed);
    EXPECT_EQ(answer(john, "later"), failed);
  }
  EXPECT_EQ(answer(john, "fine", 2), 2);
  EXPECT_EQ(answer(john, "count"), 2);
  room.reopen();
  EXPECT_EQ(answer(room.join("Jane"), "count"), 2);
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Runaway, Limits, testing::Values(
    Runaway{"error", "error('no')"},
    Runaway{"error_that_is_no_text", "error({})"},
    Runaway{"nil_is_called", "nothing()"},
    Runaway{"loop", "while true do end"},
    Runaway{"goto_loop", "::again:: goto again"},
    Runaway{"recursion", "local function f() return 1 + f() end f()"},
    Runaway{"tail_calls", "local function f() return f() end f()"},
    Runaway{"loop_in_pcall", "while true do pcall(function() while true do end end) end"},
    Runaway{"recursion_through_pcall", "local function f() pcall(f) return f() end f()"},
    Runaway{"errors_in_pcall", "while true do pcall(error, 'x') end"},
    Runaway{"pcall_as_a_comparison", "local t = {} for i = 1, 20000 do t[i] = function() while true do end end end table.sort(t, pcall)"},
    Runaway{"loop_in_a_replacement", "string.gsub('aaa', 'a', function() while true do end end)"},
    Runaway{"loop_in_a_metamethod", "local t = setmetatable({}, {__index = function() while true do end end}) return t.x"},
    Runaway{"loop_in_tostring", "tostring(setmetatable({}, {__tostring = function() while true do end end}))"},
    Runaway{"collected", "setmetatable({}, {__gc = function() while true do end end})"},
    Runaway{"closed", "local m = {} local t = setmetatable({}, m) m.__close = function() while true do end end local x <close> = t error('x')"},
    Runaway{"tables", "local t = {} while true do t[#t + 1] = {} end"},
    Runaway{"garbage", "while true do local t = {} end"},
    Runaway{"texts", "local s = 'x' while true do s = s .. s end"},
    Runaway{"texts_in_pcall", "local t = {} while true do pcall(function() while true do t[#t + 1] = ('x'):rep(1000) .. #t end end) end"},
    Runaway{"one_huge_text", "return ('x'):rep(1 << 40)"},
    Runaway{"huge_text_in_pcall", "while true do pcall(string.rep, 'x', 1 << 40) end"},
    Runaway{"comparisons_of_long_texts", "local a, b = ('x'):rep(100000), ('x'):rep(100000) while true do local same = a == b end"},
    Runaway{"least_of_much", "string.find(('a'):rep(20000), '.-.-.-.-b')"},
    Runaway{"most_of_much", "string.match(('a'):rep(20000), 'a*a*a*a*a*b')"},
    Runaway{"maybe_of_much", "string.match(('a'):rep(30), ('a?'):rep(30) .. ('a'):rep(31))"},
    Runaway{"unbalanced", "string.gsub(('('):rep(100000), '%b()', '')"},
    Runaway{"matches", "for word in ('a'):rep(1000000):gmatch('.*.*.*b') do end"},
    Runaway{"entries_that_are_not_there", "table.move({}, 1, 1 << 62, 2)"},
    Runaway{"unpacked", "while true do select('#', table.unpack({}, 1, 100000)) end"},
    Runaway{"untrue_length", "table.insert(setmetatable({}, {__len = function() return 1 << 53 end}), 1, 1)"},
    Runaway{"entries_from_elsewhere", "table.concat(setmetatable({}, {__index = table.concat}), '', 1, 1 << 53)"},
    Runaway{"pairs_of_many", "local t = {} for i = 1, 50000 do t['k' .. i] = i end while true do for k in pairs(t) do break end end"},
    Runaway{"text_of_replacements", "return string.gsub(('x'):rep(20000), 'x', ('y'):rep(1000))"},
    Runaway{"sorted", "local t = {} for i = 1, 50000 do t[i] = i % 7 end while true do table.sort(t) end"},
    Runaway{"joined", "local t = {} for i = 1, 1000 do t[i] = ('x'):rep(1000) end while true do table.concat(t) end"},
    Runaway{"keys_one_by_one", "local t = {} for i = 1, 2000 do t['k' .. i] = i end while true do local k repeat k = next(t, k) until k == nil end"},
    Runaway{"code_as_bytes", "string.dump(function() end)"}),
    [](const auto& runaway) { return runaway.param.name; });
// clang-format on

TEST(Script, reading_the_state_again_frees_the_memory_of_a_stopped_call) {
  const Scripts scripts{R"(
    logged("add") question("sum") question("fill")
    held = {}
    function on_message(sender, message)
      if message.type == "fill" then while true do held[#held + 1] = ("x"):rep(1000) .. #held end end
      if message.type == "sum" then return reply({type = "sum", content = {state.sum, #held}}) end
      broadcast(message)
    end
    function apply(entry) state.sum = (state.sum or 0) + entry.content end)"};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  EXPECT_EQ(answer(john, "add", 1), 1);
  EXPECT_EQ(answer(john, "fill"), failed);
  EXPECT_EQ(answer(john, "add", 20), failed) << "this is where it is found out";
  EXPECT_EQ(answer(john, "add", 300), 300);
  EXPECT_EQ(answer(john, "sum"), Json({301, 0}));
}

TEST(Script, messages_in_one_call_are_bounded_however_they_are_sent) {
  const std::string entry = "{seq = 1, ts = 1, id = 'j', nickname = 'J', type = 'noise'}";
  for (const std::string& say : {std::string{"room.post({type = 'noise'})"}, std::string{"room.send(whom, {type = 'noise'})"},
                                 std::string{"greeting.send({type = 'noise'})"}, "greeting.replay(" + entry + ")"}) {
    const bool greets = say.starts_with("greeting");
    const Scripts scripts{"ephemeral('noise', {from_server = true}) question('flood')\nfunction " + std::string{greets ? "greet(whom, greeting)" : "on_message(whom)"} +
                          " while true do " + say + " end end"};
    Room room{library, scripts.options()};
    auto& john = room.join("John");
    if (!greets) john.send("flood");
    EXPECT_LE(john.take("noise").size(), 2000U) << say;
    auto& jane = room.join("Jane");
    jane.send("flood");
    EXPECT_FALSE(jane.take().empty()) << "the room lives on";
  }
}

TEST(Script, patterns_and_json_are_allowed_up_to_their_limits) {
  const Scripts scripts{R"lua(
    question("try")
    local function nested(levels) local t = list{} for i = 2, levels do t = {t} end return t end
    local tries = {
      pattern = function(n) return string.find("a", ("a"):rep(n)) == nil and "taken" end,
      class = function(n) return string.find("b", "[" .. ("a"):rep(n - 2) .. "]") == nil and "taken" end,
      captures = function(n) return string.find("b", ("()"):rep(n)) == 1 and "taken" end,
    }
    function on_message(sender, message)
      local kind, n = message.content[1], message.content[2]
      if kind == "levels" then return reply({type = "try", content = nested(n)}) end
      reply({type = "try", content = tries[kind](n)})
    end)lua"};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  for (const auto& [kind, most] : {std::pair{"class", 1000}, std::pair{"captures", 32}}) {
    EXPECT_EQ(answer(john, "try", {kind, most}), "taken") << kind;
    EXPECT_EQ(answer(john, "try", {kind, most + 1}), failed) << kind;
    room.advance(std::chrono::seconds{10});
  }
  EXPECT_EQ(answer(john, "try", {"pattern", 5000}), "taken") << "without a letter that means something it is text";
  EXPECT_EQ(answer(john, "try", {"levels", 127}).dump(), std::string(127, '[') + std::string(127, ']')) << "128 with the message around it";
  EXPECT_EQ(answer(john, "try", {"levels", 128}), failed);
}

// Results must not depend on when garbage is collected.
TEST(Script, metatables_cannot_control_garbage_collection) {
  for (const std::string field : {"__gc", "__mode", "__close"}) {
    for (const std::string value : {"'k'", "'v'", "function() end", "false"}) {
      const Scripts scripts{"question('try')\nfunction on_message()\nlocal ok = pcall(setmetatable, {}, {" + field + " = " + value + "})\n" +
                            "local fine = pcall(setmetatable, {}, {__index = {}, __name = 'x'})\nreply({type = 'try', content = {ok, fine}})\nend"};
      Room room{library, scripts.options()};
      EXPECT_EQ(answer(room.join("John"), "try"), Json({false, true})) << field << value;
    }
  }
}

TEST(Script, the_limits_can_be_set) {
  const std::string text = R"(
    question("loop") question("hold")
    function on_message(sender, message)
      if message.type == "loop" then for i = 1, message.content do end end
      if message.type == "hold" then ("x"):rep(message.content) end
      reply(message)
    end)";
  const Scripts tight{text, {{"instructions", 10'000}, {"memory", "1MiB"}}};
  const Scripts wide{text, {{"instructions", 10'000'000}, {"memory", "64MiB"}}};
  Room small{library, tight.options()};
  Room large{library, wide.options()};
  auto& john = small.join("John");
  auto& jane = large.join("Jane");
  EXPECT_EQ(answer(john, "loop", 5000), 5000);
  EXPECT_EQ(answer(john, "loop", 20'000), failed);
  EXPECT_EQ(answer(jane, "loop", 5'000'000), 5'000'000);
  EXPECT_EQ(answer(john, "hold", 100'000), 100'000);
  EXPECT_EQ(answer(john, "hold", 1'000'000), failed);
  EXPECT_EQ(answer(jane, "hold", 1'000'000), 1'000'000);
}

// Not shared with other calls: here each call may take 25 ms, and all together take several times that.
TEST(Script, each_call_has_its_own_instructions_time_and_memory) {
  const Scripts scripts{R"(
    question("work") logged("add")
    local function work() local sum = 0 for i = 1, 20000 do sum = sum + i end return sum end
    function on_message(sender, message)
      if message.type == "add" then return broadcast(message) end
      local text = ("x"):rep(300000)
      reply({type = "work", content = work()})
    end
    function apply(entry) work() state.sum = (state.sum or 0) + entry.content end)", {{"instructions", 100'000}, {"memory", "1MiB"}}};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  for (const auto until = std::clock() + CLOCKS_PER_SEC / 8; std::clock() < until;) {
    room.advance(std::chrono::seconds{1});
    ASSERT_EQ(answer(john, "work"), 200'010'000);
    ASSERT_EQ(answer(john, "add", 1), 1);
  }
}

TEST(Script, a_state_that_fits_into_memory_can_be_kept_and_brought_back) {
  const Scripts scripts{R"(
    logged("grow") question("size")
    state.numbers, state.names = list{}, {}
    function on_message(sender, message)
      if message.type == "grow" then return broadcast(message) end
      local names = 0
      for name in pairs(state.names) do names = names + 1 end
      reply({type = "size", content = {#state.numbers, names}})
    end
    function apply(entry)
      for i = 1, 50000 do state.numbers[#state.numbers + 1] = i end
      for i = 1, 1000 do state.names["name " .. entry.seq .. " " .. i] = "x" end
    end)"};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  int grown = 0;
  while (answer(john, "grow") == nullptr) ++grown;
  EXPECT_GT(grown, 5) << "until the memory is full";
  room.reopen();
  EXPECT_EQ(answer(room.join("Jane"), "size"), Json({grown * 50000, grown * 1000}));
}

TEST(Script, that_always_asks_to_be_woken_is_woken_a_hundred_times_a_second) {
  const Scripts scripts{R"(
    question("start") question("count")
    local woken = 0
    function on_message(sender, message)
      if message.type == "start" then room.wake_after(0) end
      reply({type = message.type, content = woken})
    end
    function on_timer()
      woken = woken + 1
      room.wake_after(0)
    end)"};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  EXPECT_EQ(answer(john, "start"), 0);
  room.advance(std::chrono::seconds{1});
  EXPECT_EQ(answer(john, "count"), 100);
}

// Missing functions

class Forbidden : public testing::TestWithParam<const char*> {};

TEST_P(Forbidden, is_not_there) {
  const Scripts scripts{std::string{"question(\"look\")\nfunction on_message() reply({type = \"look\", content = tostring("} + GetParam() + ")}) end"};
  Room room{library, scripts.options()};
  EXPECT_EQ(answer(room.join("John"), "look"), "nil");
}

INSTANTIATE_TEST_SUITE_P(Function, Forbidden, testing::Values(
    "io", "os", "require", "package", "debug", "load", "loadstring", "loadfile", "dofile", "coroutine", "collectgarbage", "_G", "xpcall",
    "string.dump", "string.pack", "string.packsize", "string.unpack", "math.randomseed", "greeting", "arg", "warn", "hubbub"));

TEST(Script, no_function_reveals_addresses_or_changes_what_files_share) {
  const Scripts scripts{R"(
    question("look")
    function on_message(sender, message)
      local function refused(...) return not pcall(...) end
      reply({type = "look", content = {
        tostring({}), tostring(print), string.format("%s|%5.1f|%d|%s", {}, 1.25, 3, nil), tostring(null),
        refused(string.format, "%p", {}), refused(string.format, "%-5p", {}), refused(next, {[{}] = 1}) and refused(pairs, {[{}] = 1}),
        getmetatable(""), getmetatable(list{}), refused(setmetatable, list{}, {}), refused(setmetatable, "", {}), }})
    end)"};
  Room room{library, scripts.options()};
  EXPECT_EQ(answer(room.join("John"), "look"),
            Json::parse(R"(["table","function","table|  1.2|3|nil","null",true,true,true,false,false,true,true])"));
}

TEST(Script, randomness_time_and_room_are_missing_in_replayed_functions) {
  const Scripts scripts{R"(
    logged("try")
    local attempts = {
      chance = function() math.random() end, time = function() room.unix_ms() end, post = function() room.post({type = "try"}) end,
      wake = function() room.wake_after(1) end, decide = function() broadcast({type = "try"}) end, reject = function() reject("no") end }
    function apply(entry) attempts[entry.content]() end)"};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  for (const char* attempt : {"chance", "time", "post", "wake", "decide", "reject"}) EXPECT_EQ(answer(john, "try", attempt), failed) << attempt;
}

TEST(Script, pairs_has_the_same_order_each_time) {
  const Scripts scripts{R"(
    question("order")
    function on_message(sender, message)
      local t = {b = 1, a = 1, [2] = 1, [10] = 1, [-1] = 1, [1.5] = 1, B = 1, [true] = 1, ["10"] = 1}
      local order = list{}
      for key, value in pairs(t) do
        order[#order + 1] = tostring(key)
        t.a, t.new = nil, 1
      end
      local key = next(t)
      while key ~= nil do key = next(t, key) order[#order + 1] = tostring(key) end
      reply({type = "order", content = table.concat(order, " ")})
    end)"};
  Room room{library, scripts.options()};
  EXPECT_EQ(answer(room.join("John"), "order"), "-1 1.5 2 10 10 B b true 1.5 2 10 10 B b new true nil");
}

}  // namespace

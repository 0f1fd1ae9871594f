// The messages for the author of a script: where it failed, with the callers, and that `state` was changed in the wrong place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <sstream>

#include "plugins/script_files.hpp"

namespace {

using testing::EndsWith;
using testing::HasSubstr;
using namespace script_test;

// The server's log during its lifetime.
class Log {
 public:
  Log() { spdlog::default_logger()->sinks().push_back(sink_); }
  ~Log() { std::erase(spdlog::default_logger()->sinks(), sink_); }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  std::string take() { return std::exchange(text_, std::ostringstream{}).str(); }

 private:
  std::ostringstream text_;
  std::shared_ptr<spdlog::sinks::sink> sink_ = std::make_shared<spdlog::sinks::ostream_sink_st>(text_);
};

// The log's text after "failed: " if on_message of a question `try` has this body, from line 3 on.
std::string failure(const std::string& body) {
  const Scripts scripts{"question('try') logged('set')\nfunction on_message(sender, message)\n" + body + "\nend"};
  Room room{library, scripts.options()};
  Log log;
  EXPECT_EQ(answer(room.join("John"), "try"), failed) << body;
  auto text = log.take();
  text = text.substr(0, text.rfind('\n'));
  const auto at = text.find("failed: ");
  return at == text.npos ? text : text.substr(at + 8);
}

TEST(ScriptError, in_a_builtin_function_has_the_line_that_called_it) {
  EXPECT_THAT(failure("table.sort({3, 'x', 1})"), testing::StartsWith("a.lua:3: attempt to compare "));
  EXPECT_THAT(failure("table.concat({{}})"), testing::StartsWith("a.lua:3: invalid value "));
  EXPECT_THAT(failure("\nreturn broadcast(nil)"), testing::StartsWith("a.lua:4: "));
  EXPECT_THAT(failure("\nstring.gsub('x', 'x', string.rep)"), testing::StartsWith("a.lua:4: "));
  EXPECT_THAT(failure("\n\nlocal x = ('x') + {}"), testing::StartsWith("a.lua:5: "));
}

TEST(ScriptError, includes_the_callers) {
  EXPECT_EQ(failure("local function inner() error('no') end\nlocal function outer()\ninner() end\nouter()"),
            "a.lua:3: no; called from outer (a.lua:5), on_message (a.lua:6)");
  EXPECT_THAT(failure("local function f(n) if n == 0 then error('deep') end f(n - 1) return 1 end f(100)"), EndsWith(", …"));
}

TEST(ScriptError, that_is_no_string_is_shown_with_its_content) {
  EXPECT_EQ(failure("error({code = 7, 'x'})"), "a.lua:3: an error that is not text: {\"x\", code = 7}");
  EXPECT_EQ(failure("error()"), "a.lua:3: an error that is not text: nil");
}

TEST(ScriptError, names_at_most_eight_callers) {
  const auto deep = [](int callers) {
    return failure("local function f(n) if n == 0 then error('deep') end f(n - 1) return 1 end f(" + std::to_string(callers - 1) + ")");
  };
  EXPECT_EQ(deep(3), "a.lua:3: deep; called from f (a.lua:3), f (a.lua:3), on_message (a.lua:3)");
  EXPECT_THAT(deep(8), EndsWith("on_message (a.lua:3)"));
  EXPECT_THAT(deep(9), EndsWith(", …"));
  EXPECT_EQ(std::ranges::count(deep(9), '('), 8);
}

// The output of print on standard error, without file and line.
std::string printed(const std::string& values) {
  const Scripts scripts{"question('try')\nfunction on_message(sender, message)\nprint(" + values + ")\nreply(message)\nend"};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  testing::internal::CaptureStderr();
  const auto reply = answer(john, "try");
  const auto line = testing::internal::GetCapturedStderr();
  EXPECT_EQ(reply, nullptr) << line;
  EXPECT_TRUE(line.starts_with("a.lua:3: ") && line.ends_with("\n")) << line;
  EXPECT_EQ(std::ranges::count(line, '\n'), 1) << line;
  return line.substr(9, line.size() - 10);
}

TEST(ScriptPrint, is_one_line_with_its_arguments) {
  const std::pair<const char*, const char*> cases[] = {
      {"", ""}, {"1, 'a', nil, true, 1.5", "1\ta\tnil\ttrue\t1.5"}, {"'a\\nb\\27[31m'", "a\\nb\\u001b[31m"}, {"null, print, list{}", "null\tfunction\t{}"},
      {"{}", "{}"}, {"{1, 'a', {2}}", "{1, \"a\", {2}}"}, {"{b = 1, a = 2, [3] = 3, ['x y'] = 4, [true] = 5}", "{[3] = 3, [\"x y\"] = 4, [true] = 5, a = 2, b = 1}"},
      {"{1, 2, [4] = 4}", "{1, 2, [4] = 4}"}, {"setmetatable({}, {__tostring = function() return 'mine' end})", "mine"},
      {"{{{{{{{1}}}}}}}", "{{{{{{{…}}}}}}}"},
  };
  for (const auto& [values, line] : cases) EXPECT_EQ(printed(values), line);
}

TEST(ScriptPrint, has_a_maximum_length_per_value_and_in_total) {
  EXPECT_EQ(printed("('x'):rep(1000)"), std::string(1000, 'x'));
  EXPECT_EQ(printed("('x'):rep(1001)"), std::string(1000, 'x') + "…");
  EXPECT_EQ(printed("{('x'):rep(100)}"), "{\"" + std::string(100, 'x') + "\"}");
  EXPECT_EQ(printed("{('x'):rep(101)}"), "{\"" + std::string(100, 'x') + "…\"}");
  const std::string numbers = "(function(n) local t = {} for i = 1, n do t[i] = 7 end return t end)";
  EXPECT_EQ(std::ranges::count(printed(numbers + "(100)"), '7'), 100);
  EXPECT_FALSE(printed(numbers + "(100)").ends_with("…}"));
  EXPECT_EQ(std::ranges::count(printed(numbers + "(101)"), '7'), 100);
  EXPECT_TRUE(printed(numbers + "(101)").ends_with(", …}"));
  const auto much = printed("table.unpack((function() local t = {} for i = 1, 20 do t[i] = ('x'):rep(999) end return t end)())");
  EXPECT_TRUE(much.ends_with("\t…"));
  EXPECT_EQ(std::ranges::count(much, 'x'), 8 * 999) << "no more once there are 8000";
}

// State

const std::string wrong_place = "state can only be changed in apply, not in on_message";

class ChangesState : public testing::TestWithParam<const char*> {};

TEST_P(ChangesState, is_an_error_in_on_message_and_changes_nothing) {
  const std::string text = std::string{R"(
    question("try") question("get")
    local aside = {1}
    state = {list = list{3, 1, 2}, deep = {er = {x = 1}}, aside = aside}
    local deep = state.deep
    local function change(sender, message) )"} + GetParam() + R"( end
    function on_message(sender, message)
      if message.type == "get" then return reply({type = "get", content = state}) end
      change(sender, message)
      reply(message)
    end)";
  const Scripts scripts{text};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  const auto before = answer(john, "get");
  EXPECT_EQ(before, Json({{"list", {3, 1, 2}}, {"deep", {{"er", {{"x", 1}}}}}, {"aside", {1}}}));
  Log log;
  EXPECT_EQ(answer(john, "try"), failed);
  EXPECT_THAT(log.take(), HasSubstr(wrong_place));
  EXPECT_EQ(answer(john, "get"), before);
}

INSTANTIATE_TEST_SUITE_P(Way, ChangesState, testing::Values(
    "state.new = 1", "state.list = nil", "state.list[1] = 9", "state.list[#state.list + 1] = 9", "state.deep.er.x = 2", "deep.er.x = 2",
    "aside[1] = 2", "rawset(state, 'new', 1)", "rawset(state.deep, 'er', nil)", "table.insert(state.list, 9)", "table.insert(state.list, 1, 9)",
    "table.remove(state.list)", "table.sort(state.list)", "table.move({9}, 1, 1, 1, state.list)", "table.move(state.list, 1, 2, 2)",
    "state = {}", "state = nil", "list(state.deep)", "local t = message t.content = state.deep t.content.er = 5",
    "for _, t in pairs(state) do t[1] = 5 end", "select(2, next(state))[1] = 5", "_ENV.state = {}"));

// A table belongs to the state from then on, however it was put there.
class KeptBy : public testing::TestWithParam<const char*> {};

TEST_P(KeptBy, a_kept_table_can_be_changed_only_by_apply) {
  const std::string text = std::string{R"(
    logged("set") question("try") question("get")
    state = {list = list{}, other = {}}
    local t = {deep = {}, x = 1}
    function apply(entry) )"} + GetParam() + R"( end
    function on_message(sender, message)
      if message.type == "set" then return broadcast(message) end
      if message.type == "get" then return reply({type = "get", content = state}) end
      if message.content == "deep" then t.deep.y = 2 else t.x = 2 end
      reply(message)
    end)";
  const Scripts scripts{text};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  EXPECT_EQ(answer(john, "set"), nullptr);
  const auto before = answer(john, "get");
  EXPECT_NE(before.dump().find("deep"), std::string::npos);
  for (const auto* what : {"flat", "deep"}) {
    room.advance(std::chrono::seconds{10});
    Log log;
    EXPECT_EQ(answer(john, "try", what), failed);
    EXPECT_THAT(log.take(), HasSubstr(wrong_place)) << what;
  }
  EXPECT_EQ(answer(john, "get"), before);
}

INSTANTIATE_TEST_SUITE_P(Way, KeptBy, testing::Values(
    "state.t = t", "state.other.t = t", "rawset(state, 't', t)", "rawset(state.other, 't', t)", "state.list[#state.list + 1] = t", "table.insert(state.list, t)",
    "table.insert(state.list, 1, t)", "table.move({t}, 1, 1, 1, state.list)", "state = {t = t}", "state.t = {t}", "state.t = list{t}",
    "state.t = {a = {b = {t}}}", "table.insert(state.list, {a = t})", "state.t = t state.t = nil state.again = t", "state = t state.list = list{}"));

TEST(ScriptState, cannot_be_given_a_metatable) {
  for (const char* change : {"setmetatable(state, {})", "setmetatable(state.list, {})", "getmetatable(state).__newindex = nil"}) {
    EXPECT_THAT(failure(std::string{"state = state\n"} + change), testing::StartsWith("a.lua:4: ")) << change;
  }
  EXPECT_THAT(Scripts("logged('a') state.x = setmetatable({}, {})").problems(), HasSubstr("a.lua:1: a table in state must not have a metatable"));
}

TEST(ScriptState, can_be_read_in_every_way) {
  const Scripts scripts{R"(
    question("try")
    state = {list = list{3, 1, 2}, empty = list{}, names = {b = 2, a = 1}}
    function on_message(sender, message)
      local all = list{}
      for k, v in pairs(state.names) do all[#all + 1] = k .. v end
      for i, v in ipairs(state.list) do all[#all + 1] = v end
      all[#all + 1] = table.concat(state.list, "-")
      all[#all + 1] = #state.list .. rawlen(state.list) .. rawget(state.names, "a") .. select("#", table.unpack(state.list))
      all[#all + 1] = (next(state.empty) == nil and next(state.names) == "a") and type(state) or "no"
      all[#all + 1] = state.list == state.list
      local copy = table.move(state.list, 1, #state.list, 1, {})
      table.sort(copy)
      all[#all + 1] = copy
      all[#all + 1] = string.gsub("a b", "%a", state.names)
      all[#all + 1] = state.empty
      reply({type = "try", content = all})
    end)"};
  Room room{library, scripts.options()};
  EXPECT_EQ(answer(room.join("John"), "try"),
            Json::parse(R"(["a1", "b2", 3, 1, 2, "3-1-2", "3313", "table", true, [1, 2, 3], "1 2", []])"));
}

TEST(ScriptState, can_be_changed_in_apply_in_every_way_and_is_the_same_when_restored) {
  const Scripts scripts{R"(
    logged("set") question("get")
    local aside = {}
    state.list = list{3, 1, 2}
    function on_message(sender, message)
      if message.type == "get" then return reply({type = "get", content = state}) end
      broadcast(message)
    end
    function apply(entry)
      state.list = state.list or list{}
      table.insert(state.list, 5)
      table.insert(state.list, 1, {entry.content})
      table.sort(state.list, function(a, b) return (tonumber(a) or 0) < (tonumber(b) or 0) end)
      state.removed = table.remove(state.list, 2)
      rawset(state, "raw", {deep = {}})
      state.raw.deep.x = {1}
      local t = {}
      state.same = t
      t.late = "yes"
      table.move({{7}, {8}}, 1, 2, 1, state.raw)
      state.raw[1][1] = 9
      state.raw = {state.raw[1], state.raw[2]}
      if entry.content == "anew" then state = {state} end
    end)"};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  const Json first = Json::parse(R"({"list": [["x"], 2, 3, 5], "removed": 1, "raw": [[9], [8]], "same": {"late": "yes"}})");
  EXPECT_EQ(answer(john, "set", "x"), "x");
  EXPECT_EQ(answer(john, "get"), first);
  room.reopen();
  auto& jane = room.join("Jane");
  EXPECT_EQ(answer(jane, "get"), first);
  EXPECT_EQ(answer(jane, "set", "anew"), "anew");
  EXPECT_EQ(answer(jane, "get").size(), 1U);
  EXPECT_EQ(room.snapshot()["states"]["a"].size(), 1U);
}

}  // namespace

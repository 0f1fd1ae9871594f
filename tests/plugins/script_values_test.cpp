// JSON in Lua and back, and texts.
#include <gtest/gtest.h>

#include "plugins/script_files.hpp"

namespace {

using namespace script_test;

// JSON

class Json_ : public testing::TestWithParam<const char*> {};

TEST_P(Json_, passes_through_a_script_unchanged) {
  const Scripts scripts{R"(
    logged("echo")
    state.kept = list{}
    function on_message(sender, message) broadcast(message) end
    function apply(entry) state.kept[#state.kept + 1] = {entry.content} end
    function greet(newcomer, greeting) greeting.send({type = "echo", content = state.kept}) end)"};
  const auto content = Json::parse(GetParam());
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  EXPECT_EQ(answer(john, "echo", content).dump(), content.dump());
  room.reopen();
  const auto kept = room.join("Jane").next("echo")["content"][0];
  EXPECT_EQ(kept.dump(), content.is_null() ? "{}" : Json::array({content}).dump());
}

INSTANTIATE_TEST_SUITE_P(Value, Json_, testing::Values(
    "null", "true", "0", "-1", "9223372036854775807", "-9223372036854775808", "1.0", "-0.0", "0.1", "1e300", "5e-324", "\"\"",
    R"("\u0000é🌸\"\\")", "[]", "{}", "[[],{},[[]],[{}]]", R"({"a":null,"b":[null,null],"c":{"d":{}}})", R"({"":1,"1":2,"é":3})",
    R"([1,"1",1.5,true,null])", "[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]"));

TEST(Script, can_create_lists_and_null) {
  const Scripts scripts{R"(
    question("make")
    function on_message(sender, message)
      reply({type = "make", content = {
        list{}, {}, list(), {1, 2}, {a = null}, list{list{}}, message.content == nil, 7 // 2, 7 / 2, 6 / 2, "" .. 2^53 }})
    end)"};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  EXPECT_EQ(answer(john, "make").dump(), R"([[],{},[],[1,2],{"a":null},[[]],true,3,3.5,3.0,"9.007199254741e+15"])");
}

struct Unfit {
  const char* name;
  const char* value;
};

class Unsayable : public testing::TestWithParam<Unfit> {};

TEST_P(Unsayable, is_only_an_error_of_the_script) {
  const std::string make = std::string{"local function make() "} + GetParam().value + " end\n";
  const Scripts scripts{make + R"(
    logged("say") logged("keep") logged("fine")
    function on_message(sender, message)
      if message.type == "say" then message.content = make() end
      broadcast(message)
    end
    function apply(entry) if entry.type == "keep" then state.kept = make() end end)"};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  EXPECT_EQ(answer(john, "say"), failed);
  EXPECT_EQ(answer(john, "fine", 1), 1);
  EXPECT_EQ(answer(john, "keep"), nullptr) << "it is found out when the state is told";
  EXPECT_EQ(answer(john, "fine", 2), 2);
  room.reopen();
  EXPECT_EQ(answer(room.join("Jane"), "fine", 3), 3);
}

INSTANTIATE_TEST_SUITE_P(Value, Unsayable, testing::Values(
    Unfit{"function", "return print"}, Unfit{"function_inside", "return {a = {1, 2, {print}}}"},
    Unfit{"itself", "local t = {} t.t = t return t"}, Unfit{"nan", "return 0 / 0"}, Unfit{"infinity", "return {1 / 0}"},
    Unfit{"no_utf8", R"(return "\xff")"}, Unfit{"no_utf8_as_a_name", R"(return {["\xed\xa0\x80"] = 1})"},
    Unfit{"names_and_entries", "return {1, 2, a = 3}"}, Unfit{"holes", "return {1, nil, 3}"}, Unfit{"sparse", "return {[7] = 1}"},
    Unfit{"an_entry_behind_a_hole", "local l = {1, 2} l[4] = 4 return l"}, Unfit{"an_entry_far_behind", "local l = {1, 2} l[1 << 40] = 4 return l"},
    Unfit{"a_hole_in_a_list", "local l = list{1, 2, 3} l[2] = nil return l"}, Unfit{"an_entry_behind_a_list", "local l = list{1, 2} l[4] = 4 return l"},
    Unfit{"an_entry_before_the_first", "local l = {1, 2} l[0] = 0 return l"}, Unfit{"an_entry_below", "local l = list{1} l[-1] = 0 return l"},
    Unfit{"a_hole_inside", "return {a = {list{{1, nil, 3}}}}"},
    Unfit{"fractional_key", "return {[1.5] = 1}"}, Unfit{"table_as_key", "return {[{}] = 1}"}, Unfit{"names_in_a_list", "local l = list{} l.a = 1 return l"},
    Unfit{"too_deep", "local t = {} for i = 1, 200 do t = {t} end return t"},
    Unfit{"a_few_tables_that_are_many", "local t = {1} for i = 1, 40 do t = {t, t} end return t"}),
    [](const auto& unfit) { return unfit.param.name; });

TEST(Script, a_whole_number_that_lua_cannot_hold_becomes_one_with_a_fraction) {
  const Scripts scripts{"logged('echo') function on_message(sender, message) broadcast(message) end"};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  EXPECT_EQ(answer(john, "echo", 9'223'372'036'854'775'807U).dump(), "9223372036854775807");
  EXPECT_EQ(answer(john, "echo", 9'223'372'036'854'775'808U).dump(), "9.223372036854776e+18");
}

// How many of all 256 characters are in a class and not in its opposite.
TEST(Script, character_classes_are_those_of_lua) {
  const Scripts scripts{R"(
    question("count")
    function on_message(sender, message)
      local count = {0, 0, 0, 0}
      for code = 0, 255 do
        local c, class = string.char(code), message.content
        for i, pattern in ipairs({"%" .. class, "%" .. class:upper(), "[%" .. class .. "]", "[^%" .. class .. "]"}) do
          if string.find(c, pattern) then count[i] = count[i] + 1 end
        end
      end
      reply({type = "count", content = count})
    end)"};
  Room room{library, scripts.options()};
  auto& john = room.join("John");
  for (const auto& [letter, count] : {std::pair{"a", 52}, std::pair{"c", 33}, std::pair{"d", 10}, std::pair{"g", 94}, std::pair{"l", 26}, std::pair{"p", 32},
                                      std::pair{"s", 6}, std::pair{"u", 26}, std::pair{"w", 62}, std::pair{"x", 22}}) {
    EXPECT_EQ(answer(john, "count", letter), Json({count, 256 - count, count, 256 - count})) << letter;
    room.advance(std::chrono::seconds{10});  // so that a slow machine may answer as many questions
  }
}

// Patterns: the results of Lua's own matcher, which has no limits.

struct Pattern {
  const char* name;
  const char* expression;
  const char* result;  // JSON
};

class Patterns : public testing::TestWithParam<Pattern> {};

TEST_P(Patterns, mean_what_they_mean_in_lua) {
  const Scripts scripts{std::string{"question(\"try\")\nfunction on_message() reply({type = \"try\", content = {"} + GetParam().expression + "}}) end"};
  Room room{library, scripts.options()};
  EXPECT_EQ(answer(room.join("John"), "try"), Json::parse(GetParam().result));
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Function, Patterns, testing::Values(
    Pattern{"find", R"~(string.find("hello world", "o w"))~", "[5,7]"},
    Pattern{"find_from", R"~(string.find("hello", "l", 4))~", "[4,4]"},
    Pattern{"find_from_the_end", R"~(string.find("hello", "[el]", -3))~", "[3,3]"},
    Pattern{"find_plain", R"~(string.find("a.b", ".", 1, true))~", "[2,2]"},
    Pattern{"find_empty", R"~(string.find("abc", "", 4))~", "[4,3]"},
    Pattern{"find_beyond", R"~(tostring(string.find("abc", "", 5)))~", R"(["nil"])"},
    Pattern{"find_captures", R"~(string.find("key = value", "(%w+)%s*=%s*(%w+)"))~", R"([1,11,"key","value"])"},
    Pattern{"anchored", R"~(tostring(string.find("ba", "^a")), string.find("ab", "^a"))~", R"(["nil",1,1])"},
    Pattern{"at_the_end", R"~(string.match("a$b$", "b%$$"), tostring(string.match("ab", "a$")), string.match("a$b", "a$b"))~", R"(["b$","nil","a$b"])"},
    Pattern{"from_the_very_end", R"~(string.match("abc", "()", 4), tostring(string.match("abc", "()", 5)), (string.find("abc", "", 4)), tostring(string.find("abc", "", 5)), string.match("", "()"))~", R"([4,"nil",4,"nil",1])"},
    Pattern{"trim", R"~(string.match("  two words ", "^%s*(.-)%s*$"))~", R"(["two words"])"},
    Pattern{"classes", R"~(string.gsub("aB1 _!", "%a", "x"), (string.gsub("aB1 _!", "%W", "x")), (string.gsub("aB1", "[^%d]", "")))~", R"(["xx1 _!","aB1xxx","1"])"},
    Pattern{"ranges", R"~(string.match("f-7]", "[a-f-]+"), string.match("]x", "[]x]+"), string.match("a^", "[%^a]+"), string.match("é", "[\xc3-\xc4]") == "\xc3")~", R"(["f-","]x","a^",true])"},
    Pattern{"maybe", R"~(string.match("color colour", "colou?r", 2), string.match("-12", "[+-]?%d+"))~", R"(["colour","-12"])"},
    Pattern{"greedy_or_not", R"~(string.match("<a><b>", "<.+>"), string.match("<a><b>", "<.->"))~", R"(["<a><b>","<a>"])"},
    Pattern{"positions", R"~(string.match("hello", "()ll()"))~", "[3,5]"},
    Pattern{"nested_captures", R"~(string.match("2026-11-26", "((%d+)-(%d+))-(%d+)"))~", R"(["2026-11","2026","11","26"])"},
    Pattern{"balanced", R"~(string.match("f(a(b)c)d)", "%b()"))~", R"~(["(a(b)c)"])~"},
    Pattern{"frontier", R"~((string.gsub("THE (quick) fox", "%f[%a]%a+", "w")))~", R"(["w (w) w"])"},
    Pattern{"again", R"~(string.match([[say "it's" now]], "([\"'])(.-)%1"))~", R"~(["\"","it's"])~"},
    Pattern{"replaced_by_text", R"~(string.gsub("hello world", "(%w+)", "<%1>"))~", R"(["<hello> <world>",2])"},
    Pattern{"replaced_by_whole", R"~(string.gsub("abc", "%w", "%0%0%%", 2))~", R"(["aa%bb%c",2])"},
    Pattern{"replaced_by_table", R"~(string.gsub("$name is $age", "%$(%w+)", {name = "Lua", age = 33}))~", R"(["Lua is 33",2])"},
    Pattern{"replaced_by_function", R"~(string.gsub("1 2 3", "%d", function(d) if d ~= "2" then return d * 2 end end))~", R"(["2 2 6",3])"},
    Pattern{"formatted", R"~(string.format("%d%% paid, %5.1f%%p", 50, 1.25))~", R"(["50% paid,   1.2%p"])"},
    Pattern{"replaced_between", R"~(string.gsub("abc", "", "-"))~", R"(["-a-b-c-",4])"},
    Pattern{"replaced_once", R"~(string.gsub("aaa", "^a", "b"))~", R"(["baa",1])"},
    Pattern{"stars_around", R"~(string.gsub("abc d", "%w*", "x"))~", R"(["x x",2])"},
    Pattern{"each_match", R"~((function() local all = {} for k, v in string.gmatch("a=1, b=2", "(%w+)=(%w+)") do all[#all + 1] = k .. v end return table.concat(all, " ") end)())~", R"(["a1 b2"])"},
    Pattern{"each_match_from", R"~((function() local all = {} for w in string.gmatch("a b c", "%a", 3) do all[#all + 1] = w end return table.concat(all) end)())~", R"(["bc"])"},
    Pattern{"each_match_of_a_caret", R"~((function() local n = 0 for w in string.gmatch("^a^a", "^a") do n = n + 1 end return n end)())~", "[2]"},
    Pattern{"replaced_at_most", R"~(string.gsub("aaa", "a", "b", 0), (string.gsub("aaa", "a", "b", 2)))~", R"(["aaa","bba"])"},
    Pattern{"replaced_by_false", R"~(string.gsub("ab", "%a", {a = false, b = "x"}))~", R"(["ax",2])"},
    Pattern{"brackets", R"~(string.match("a]b", "[^]]+"), string.match("]-^", "[]^-]+"), string.match("x-z", "[x%-z]+"), string.match("5", "[^%D]"))~", R"(["a","]-^","x-z","5"])"},
    Pattern{"one_or_more", R"~(tostring(string.match("", "a+")), string.match("aaa", "a+"), string.match("b", "a*") == "", string.match("aab", "a-b"))~", R"(["nil","aaa",true,"aab"])"},
    Pattern{"balanced_of_one_kind", R"~(string.match("say 'it' now", "%b''"), tostring(string.match("((a)", "^%b()")))~", R"~(["'it'","nil"])~"},
    Pattern{"frontier_at_the_ends", R"~(string.find("word", "%f[%w]"), string.find("word", "%f[%W]"))~", "[1,5,4]"},
    Pattern{"each_empty_match", R"~((function() local n = 0 for w in string.gmatch("ab", "x*") do n = n + 1 end return n end)())~", "[3]"},
    Pattern{"characters", R"~((string.gsub("é1🌸", utf8.charpattern, "x")), (string.find("a)b", ")")), string.find("a\0b", "[\0]b"))~", R"(["xxx",2,2,3])"},
    Pattern{"method", R"~(("x,y"):find(",", 1, true), ("a"):rep(3, "-"), (""):rep(5), ("x"):rep(0))~", R"([2,"a-a-a","",""])"},
    Pattern{"malformed", R"~(pcall(string.find, "a", "[a"), pcall(string.find, "a", "%"), pcall(string.find, "a", "(a"), pcall(string.match, "a", "a)"), (pcall(string.gsub, "a", "%1", "")))~", R"([false,false,false,false,false])"}),
    [](const auto& pattern) { return pattern.param.name; });
// clang-format on

}  // namespace

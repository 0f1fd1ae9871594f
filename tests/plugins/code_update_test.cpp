#include <gtest/gtest.h>

#include <algorithm>
#include <hubbub/testing.hpp>
#include <random>
#include <tuple>

#include "plugins/refused.hpp"

namespace {

using hubbub::testing::Client;
using hubbub::testing::expect_refused;
using hubbub::testing::Json;
using hubbub::testing::Refused;
using hubbub::testing::Room;

const std::string code_update = HUBBUB_PLUGIN_DIR "/code_update.so";

Json edit(std::uint64_t version, const Json& changes) { return {{"version", version}, {"changes", changes}}; }

// The current greeting of a newcomer; nothing if there is none.
Json shown(Room& room, const std::string& type = "code_update") {
  for (const auto& message : room.join("Visitor").take()) {
    if (message["type"] == type) return message["content"];
  }
  return nullptr;
}

std::string refusal(Client& client) {
  const auto error = client.next("error");
  EXPECT_EQ(error["code"], "invalid");
  return error["content"];
}

TEST(CodeUpdate, a_text_reaches_everyone_in_the_form_it_was_sent_in) {
  Room room{code_update};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  for (const auto* text : {R"("a")", R"("")", R"({"code": "b"})", R"({"code": "c", "language": "c++", "cursor": 3})"}) {
    const auto content = Json::parse(text);
    john.send("code_update", content, text);
    const auto seen = jane.next("code_update");
    EXPECT_EQ(seen["content"], content);
    EXPECT_EQ(seen["nickname"], "John");
    EXPECT_EQ(seen["ref"], text);
    EXPECT_EQ(john.next("code_update"), seen);
  }
}

TEST(CodeUpdate, a_newcomer_gets_the_text_as_pages_send_it) {
  Room room{code_update};
  auto& john = room.join("John");
  EXPECT_EQ(shown(room), nullptr);
  john.send("code_update", "one");
  EXPECT_EQ(shown(room), "one");
  john.send("code_update", {{"code", "two"}});
  EXPECT_EQ(shown(room), Json({{"code", "two"}}));
  john.send("code_update", "three");
  EXPECT_EQ(shown(room), "three");
  john.send("code_language", "c");
  EXPECT_EQ(shown(room), Json({{"code", "three"}, {"language", "c"}}));
  john.send("code_update", {{"code", "four"}, {"language", "c++"}});
  john.send("code_update", "");
  EXPECT_EQ(shown(room), Json({{"code", ""}, {"language", "c++"}}));
}

TEST(CodeUpdate, a_newcomer_gets_the_language_if_there_is_no_text_yet) {
  Room room{code_update};
  room.join("John").send("code_language", "c");
  EXPECT_EQ(shown(room), nullptr);
  EXPECT_EQ(shown(room, "code_language"), "c");
}

TEST(CodeUpdate, an_edit_changes_the_text_in_places) {
  Room room{code_update};
  auto& john = room.join("John");
  john.send("code_update", "hello world");
  john.send("code_edit", edit(1, {{1, "H"}, 5, {0, "brave", "new "}, 4, {1}}));
  EXPECT_EQ(john.next("code_edit")["content"], edit(1, {{1, "H"}, 5, {0, "brave", "new "}, 4, {1}}));
  EXPECT_EQ(shown(room), "Hello brave\nnew worl");
}

TEST(CodeUpdate, the_first_edit_needs_no_text_before_it) {
  Room room{code_update};
  auto& john = room.join("John");
  john.send("code_edit", edit(0, {{0, "a"}}));
  EXPECT_EQ(john.next("code_edit")["content"], edit(0, {{0, "a"}}));
  EXPECT_EQ(shown(room), "a");
}

TEST(CodeUpdate, a_late_edit_is_mapped_to_the_current_text) {
  Room room{code_update};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  john.send("code_update", "abc");
  john.send("code_edit", edit(1, {1, {0, "1"}, 2}));
  jane.send("code_edit", edit(1, {1, {0, "2"}, 2}));
  jane.send("code_edit", edit(1, {{2}, 1}));
  EXPECT_EQ(john.next("code_edit")["content"], edit(1, {1, {0, "1"}, 2}));
  EXPECT_EQ(john.next("code_edit")["content"], edit(2, {2, {0, "2"}, 2})) << "later at the same place, so behind";
  EXPECT_EQ(john.next("code_edit")["content"], edit(3, Json::parse("[[1],2,[1],1]"))) << "what others wrote in between stays";
  EXPECT_EQ(shown(room), "12c");
}

TEST(CodeUpdate, an_edit_that_became_empty_through_others_is_still_acknowledged) {
  Room room{code_update};
  auto& john = room.join("John");
  john.send("code_update", "abc");
  for (const auto* ref : {"first", "second"}) {
    john.send("code_edit", edit(1, Json::parse("[[3]]")), ref);
    EXPECT_EQ(john.next("code_edit")["ref"], ref);
  }
  john.send("code_edit", edit(1, Json::parse("[1,[1],1]")));
  EXPECT_EQ(john.next("code_edit")["content"], edit(3, Json::array()));
}

TEST(CodeUpdate, other_messages_do_not_make_an_edit_late) {
  Room room{code_update};
  auto& john = room.join("John");
  john.send("code_update", "abc");
  john.send("code_language", "c");
  john.send("code_edit", edit(1, {{0, "x"}, 3}));
  EXPECT_EQ(john.next("code_edit")["content"], edit(1, {{0, "x"}, 3}));
  john.send("code_language", "c++");
  john.send("code_edit", edit(4, {{0, "y"}, 4}));
  EXPECT_EQ(john.next("code_edit")["content"], edit(3, {{0, "y"}, 4})) << "now with the version that it applies to";
}

TEST(CodeUpdate, logged_edits_are_in_canonical_form) {
  Room room{code_update};
  auto& john = room.join("John");
  john.send("code_update", "abcdef");
  john.send("code_edit", edit(1, Json::parse(R"([0, 1, 1, [0, ""], [1], [0], [1, ""], [0, "x"], [0, "y", ""], 2])")));
  EXPECT_EQ(john.next("code_edit")["content"]["changes"], Json::parse(R"([2, [2], [0, "xy", ""], 2])"));
  EXPECT_EQ(shown(room), "abxy\nef");
}

// Two edits of the same text; and the second one mapped over the first, as CodeMirror does it.
TEST(CodeUpdate, a_late_edit_is_mapped_over_edits_beside_around_and_within_it) {
  const std::tuple<const char*, const char*, const char*, const char*> cases[] = {
      {R"([8,[0,"Z"]])", R"([[0,"y"],8])", R"([[0,"y"],9])", "yabcdefghZ"},                     // behind it
      {R"([[0,"Z"],8])", R"([8,[0,"y"]])", R"([9,[0,"y"]])", "Zabcdefghy"},                     // before it
      {R"([2,[3,"AB"],3])", R"([2,[0,"x"],6])", R"([2,[0,"x"],5])", "abxABfgh"},                // an insertion where another begins to replace
      {R"([2,[0,"x"],6])", R"([2,[3,"AB"],3])", R"([3,[3,"AB"],3])", "abxABfgh"},               // and the other way round
      {R"([3,[2],3])", R"([1,[6,"X"],1])", R"([1,[4,"X"],1])", "aXh"},                          // a deletion within what is replaced
      {R"([3,[0,"new"],5])", R"([1,[6,"X"],1])", R"([1,[2,"X"],3,[4],1])", "aXnewh"},           // an insertion there
      {R"([1,[6,"X"],1])", R"([3,[2,"y"],3])", R"([2,[0,"y"],1])", "aXyh"},                     // the text to replace is gone
      {R"([1,[4],3])", R"([3,[4],1])", R"([1,[2],1])", "ah"},                                   // two deletions that overlap
      {R"([2,[0,"1"],2,[0,"2"],4])", R"([[8]])", R"([[2],1,[2],1,[4]])", "12"},                 // two insertions in what is deleted
  };
  for (const auto& [first, second, mapped, text] : cases) {
    Room room{code_update};
    auto& john = room.join("John");
    john.send("code_update", "abcdefgh");
    john.send("code_edit", edit(1, Json::parse(first)));
    john.next("code_edit");
    john.send("code_edit", edit(1, Json::parse(second)));
    EXPECT_EQ(john.next("code_edit")["content"]["changes"], Json::parse(mapped)) << first << " and " << second;
    EXPECT_EQ(shown(room), text) << first << " and " << second;
  }
}

TEST(CodeUpdate, replaced_sections_are_not_joined_with_their_neighbours) {
  for (const auto* changes : {R"([[1,"x"],[2],5])", R"([[2],[1,"x"],5])", R"([[0,"x"],[2,"y"],6])", R"([[2,"y"],[0,"x"],6])", R"([[1,"x"],[1,"y"],6])"}) {
    Room room{code_update};
    auto& john = room.join("John");
    john.send("code_update", "abcdefgh");
    john.send("code_edit", edit(1, Json::parse(changes)));
    EXPECT_EQ(john.next("code_edit")["content"]["changes"], Json::parse(changes));
  }
}

TEST(CodeUpdate, a_large_text_is_right_after_edits_of_any_size_anywhere) {
  Room room{code_update, {{"history", "64MiB"}}};
  auto& john = room.join("John");
  std::string text(50'000, 'a');
  john.send("code_update", text);
  std::minstd_rand chance{1};
  const auto below = [&](std::size_t n) { return chance() % n; };
  for (std::uint64_t version = 1; version <= 400; ++version) {
    const auto size = version % 50 == 0 ? 20'000 : below(version % 10 == 0 ? 3000 : 30);
    const auto at = version % 3 == 0 ? 0 : version % 3 == 1 ? text.size() : below(text.size() + 1);
    const auto removed = std::min(text.size() - at, version % 7 == 0 ? below(5000) : below(20));
    const std::string inserted(size, static_cast<char>('b' + version % 20));
    text.replace(at, removed, inserted);
    Json changes = Json::array();
    if (at != 0) changes.push_back(at);
    changes.push_back({removed, inserted});
    if (const auto rest = text.size() - at - size; rest != 0) changes.push_back(rest);
    john.take();
    john.send("code_edit", edit(version, changes));
    ASSERT_EQ(john.take("code_edit").size(), 1U) << version;
    ASSERT_TRUE(version % 20 != 0 || shown(room) == text) << version;
  }
}

TEST(CodeUpdate, positions_are_utf_16_units_and_every_character_survives) {
  const std::string text = "a🌸e\u0301\r\n\u00a0漢";
  Room room{code_update};
  auto& john = room.join("John");
  john.send("code_update", text);
  EXPECT_EQ(shown(room), text);
  john.send("code_edit", edit(1, {3, {0, "😀\r", "é"}, 6}));
  EXPECT_EQ(shown(room), "a🌸😀\r\née\u0301\r\n\u00a0漢");
  john.send("code_edit", edit(2, {1, {2}, 11}));
  EXPECT_EQ(shown(room), "a😀\r\née\u0301\r\n\u00a0漢");
}

TEST(CodeUpdate, other_fields_are_passed_on_but_the_nickname_is_replaced) {
  Room room{code_update};
  auto& john = room.join("John");
  john.send("code_update", {{"code", "a"}, {"nickname", "Jane"}, {"version", 12}});
  EXPECT_EQ(john.next("code_update")["content"], Json({{"code", "a"}, {"nickname", "John"}, {"version", 12}}));
  auto content = edit(1, {{0, "x"}, 1});
  content["nickname"] = "Jane";
  john.send("code_edit", content);
  EXPECT_EQ(john.next("code_edit")["content"]["nickname"], "John");
}

TEST(CodeUpdate, everything_survives_an_empty_room) {
  Room room{code_update};
  auto& john = room.join("John");
  john.send("code_update", {{"code", "abc"}});
  john.send("code_edit", edit(1, {{0, "🌸"}, 3}));
  room.reopen();
  EXPECT_EQ(shown(room), Json({{"code", "🌸abc"}}));
  room.join("John").send("code_language", "c");
  room.reopen();
  EXPECT_EQ(shown(room), Json({{"code", "🌸abc"}, {"language", "c"}}));
  auto& jane = room.join("Jane");
  jane.send("code_edit", edit(1, {3, {0, "!"}}));
  EXPECT_EQ(jane.next("code_edit")["content"], edit(2, {5, {0, "!"}}));
}

// The first and the last of each length in UTF-8.
TEST(CodeUpdate, keeps_every_character_as_it_is) {
  Room room{code_update};
  auto& john = room.join("John");
  const std::string text = "\u007F\u0080\u07FF\u0800\uD7FF\uE000\uFFFF\U00010000\U0010FFFF";
  john.send("code_update", text);
  john.send("code_edit", edit(1, {11, {0, text}}));
  EXPECT_EQ(john.next("code_edit")["content"]["changes"][1][1], text);
  room.reopen();
  EXPECT_EQ(shown(room), text + text);
}

TEST(CodeUpdate, an_edit_of_a_text_that_was_replaced_is_refused) {
  Room room{code_update};
  auto& john = room.join("John");
  john.send("code_update", "abc");
  john.send("code_update", "abc");
  john.send("code_edit", edit(1, {{0, "x"}, 3}));
  EXPECT_EQ(refusal(john), "the text was replaced meanwhile, by message 2: load the text anew and edit that");
  EXPECT_EQ(shown(room), "abc");
}

TEST(CodeUpdate, an_edit_of_a_version_that_is_no_longer_kept_is_refused) {
  Room room{code_update, {{"max_behind", 2}}};
  auto& john = room.join("John");
  john.send("code_update", "");
  for (int i = 0; i < 3; ++i) john.send("code_edit", edit(1 + i, {{0, "x"}, i}));
  room.reopen();
  auto& jane = room.join("Jane");
  jane.send("code_edit", edit(1, {{0, "y"}}));
  EXPECT_EQ(refusal(jane), "too much has happened since version 1: load the text anew and edit that");
  jane.send("code_edit", edit(2, {{0, "y"}, 1}));
  EXPECT_EQ(jane.next("code_edit")["content"], edit(4, {2, {0, "y"}, 1}));
}

TEST(CodeUpdate, large_edits_are_kept_for_a_shorter_time) {
  Room room{code_update, {{"history", "64KiB"}}};
  auto& john = room.join("John");
  for (int i = 0; i < 3; ++i) john.send("code_edit", edit(i, {{0, std::string(20'000, 'x')}, 20'000 * i}));
  john.send("code_edit", edit(0, {{0, "y"}}));
  EXPECT_EQ(refusal(john), "too much has happened since version 0: load the text anew and edit that");
  john.send("code_edit", edit(2, {{0, "y"}, 40'000}));
  EXPECT_EQ(john.next("code_edit")["content"]["version"], 3);
}

TEST(CodeUpdate, replacing_the_text_frees_all_space_of_the_old_edits) {
  Room room{code_update, {{"history", "64KiB"}}};
  auto& john = room.join("John");
  for (int i = 0; i < 5; ++i) {
    john.send("code_update", "");
    const std::uint64_t version = john.next("code_update")["seq"];
    for (const auto& text : {std::string(20'000, 'x'), std::string{"y"}}) {
      john.send("code_edit", edit(version, Json::array({Json::array({0, text})})));
      EXPECT_EQ(john.take("code_edit").size(), 1U) << i << text.size();
    }
  }
}

class CodeUpdateRefuses : public testing::TestWithParam<Refused> {};

TEST_P(CodeUpdateRefuses, and_sends_the_reason_only_to_the_sender) {
  Room room{code_update, {{"max_length", 8}, {"languages", {"c", "c++"}}}};
  auto& john = room.join("John");
  auto& jane = room.join("Jane");
  john.send("code_update", "a🌸b");
  expect_refused(john, jane, GetParam());
}

const Json many_sections = [] {
  Json changes = Json::array();
  for (int i = 0; i < 1001; ++i) changes.push_back(0);
  return changes;
}();

INSTANTIATE_TEST_SUITE_P(
    Update, CodeUpdateRefuses,
    testing::Values(Refused{"nothing", "code_update", nullptr, "content: must be a string or an object"},
                    Refused{"no_code", "code_update", Json::object(), "content.code: is missing"},
                    Refused{"number", "code_update", {{"code", 5}}, "content.code: must be a string"},
                    Refused{"too_long", "code_update", "123456789", "content: must be at most 8 characters long"},
                    Refused{"too_many_units", "code_update", {{"code", "1234567🌸"}},
                            "the text would have 9 UTF-16 units: must be at most 8"},
                    Refused{"nul", "code_update", std::string("a\0b", 3), "content: must not hold the character U+0000"},
                    Refused{"other_language", "code_update", {{"code", ""}, {"language", "java"}},
                            "content.language: must be one of \"c\", \"c++\""},
                    Refused{"deep", "code_update", {{"code", ""}, {"more", Json::array()}},
                            "content.more: must be a string or a number or a boolean or left out"},
                    Refused{"language", "code_language", "java", "content: must be one of \"c\", \"c++\""}),
    [](const auto& refused) { return refused.param.what; });

INSTANTIATE_TEST_SUITE_P(
    Edit, CodeUpdateRefuses,
    testing::Values(
        Refused{"nothing", "code_edit", nullptr, "content: must be an object"},
        Refused{"no_version", "code_edit", {{"changes", {4}}}, "content.version: is missing"},
        Refused{"no_changes", "code_edit", {{"version", 1}}, "content.changes: is missing"},
        Refused{"version", "code_edit", edit(1, {4}).patch(Json::parse(R"([{"op":"replace","path":"/version","value":-1}])")),
                "content.version: must be at least 0"},
        Refused{"negative", "code_edit", edit(1, {-4, 8}), "content.changes[0]: must be at least 0"},
        Refused{"huge", "code_edit", edit(1, {1e15}), "content.changes[0]: must be at most 8"},
        Refused{"fraction", "code_edit", edit(1, {2.5, 1.5}), "content.changes[0]: must be a whole number or an array"},
        Refused{"large", "code_edit", edit(1, {9}), "content.changes[0]: must be at most 8"},
        Refused{"empty_section", "code_edit", edit(1, Json::parse("[4, []]")), "content.changes[1]: must have at least 1 entry"},
        Refused{"no_number", "code_edit", edit(1, Json::parse(R"([4, ["a"]])")), "content.changes[1][0]: must be a whole number"},
        Refused{"no_line", "code_edit", edit(1, Json::parse("[4, [0, 1]]")), "content.changes[1][1]: must be a string"},
        Refused{"many_sections", "code_edit", edit(1, many_sections), "content.changes: must have at most 1000 entries"},
        Refused{"too_short", "code_edit", edit(1, {3}),
                "changes: are for a text of 3 UTF-16 units, but at version 1 it has 4: load the text anew and edit that"},
        Refused{"too_far", "code_edit", edit(1, {4, {1}}),
                "changes: are for a text of 5 UTF-16 units, but at version 1 it has 4: load the text anew and edit that"},
        Refused{"too_long", "code_edit", edit(1, {4, {0, "12🌸", ""}}),
                "the text would have 9 UTF-16 units: must be at most 8"},
        Refused{"begins_in_a_pair", "code_edit", edit(1, {2, {0, "x"}, 2}),
                "changes: must not take one half of a surrogate pair from the other"},
        Refused{"ends_in_a_pair", "code_edit", edit(1, {{2, "x"}, 2}),
                "changes: must not take one half of a surrogate pair from the other"}),
    [](const auto& refused) { return refused.param.what; });

TEST(CodeUpdate, a_language_is_a_short_name) {
  Room room{code_update};
  auto& john = room.join("John");
  for (const auto* name : {"c", "C++ 20", "Objective-C", "F#", "ld_script.x"}) {
    john.send("code_language", name);
    EXPECT_EQ(john.next("code_language")["content"], name);
  }
  for (const auto& name : {std::string{}, std::string{"<b>"}, std::string{"c\n"}}) {
    john.send("code_language", name);
    EXPECT_EQ(refusal(john), "content: must be the name of a language: 1 to 32 of A-Z a-z 0-9 + # . _ - and space");
  }
  john.send("code_language", std::string(33, 'c'));
  EXPECT_EQ(refusal(john), "content: must be at most 32 characters long");
}

TEST(CodeUpdate, takes_the_languages_of_its_options_and_no_others) {
  Json names = Json::array();
  for (int i = 0; i < 1000; ++i) names.push_back("language " + std::to_string(i));
  names[0] = std::string(32, 'C');
  Room room{code_update, {{"languages", names}}};
  auto& john = room.join("John");
  for (const auto& name : {names[0], names[999]}) {
    john.send("code_language", name);
    EXPECT_EQ(john.next("code_language")["content"], name);
  }
  john.send("code_language", "c");
  EXPECT_EQ(refusal(john).find("content: must be one of "), 0U);
  names[0] = std::string(33, 'C');
  EXPECT_THROW(Room(code_update, {{"languages", names}}), std::runtime_error);
  names[0] = "first";
  names.push_back("one more");
  EXPECT_THROW(Room(code_update, {{"languages", names}}), std::runtime_error);
}

// A state that a server with other options has stored.
TEST(CodeUpdate, continues_with_smaller_limits_than_before) {
  Json state;
  {
    Room room{code_update};
    auto& john = room.join("John");
    john.send("code_update", "");
    for (int i = 0; i < 5; ++i) john.send("code_edit", edit(1 + i, {{0, "x"}, i}));
    state = room.snapshot();
  }
  Room room{code_update, {{"max_behind", 2}, {"max_length", 3}}};
  room.restore(state);
  EXPECT_EQ(shown(room), "xxxxx") << "longer than it may be now";
  auto& john = room.join("John");
  john.send("code_edit", edit(3, Json::parse("[[2]]")));
  EXPECT_EQ(refusal(john), "too much has happened since version 3: load the text anew and edit that");
  john.send("code_edit", edit(4, {{0, "y"}, 3}));
  EXPECT_EQ(refusal(john), "the text would have 6 UTF-16 units: must be at most 3");
  john.send("code_edit", edit(4, {1, Json::array({2})}));
  EXPECT_EQ(john.next("code_edit")["content"]["version"], 6);
  EXPECT_EQ(shown(room), "xxx");
}

TEST(CodeUpdate, refuses_options_it_does_not_know_or_that_are_out_of_range) {
  for (const Json& options : std::initializer_list<Json>{{{"max_lenght", 5}}, {{"max_length", 0}}, {{"max_behind", 0}},
                                                         {{"history", "1KiB"}}, {{"languages", "c"}}, {{"languages", {""}}},
                                                         {{"languages", {5}}}, {{"languages", {"a/b"}}}}) {
    EXPECT_THROW(Room(code_update, options), std::runtime_error) << options;
  }
}

}  // namespace

// The greeting of a large room is made once for all newcomers if it is the same for each, and is used again after
// a change only if the messages after it lead to the same result.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "plugins/every_plugin.hpp"
#include "plugins/still_room.hpp"
#include "protocol/frame.hpp"

namespace hubbub::rooms {
namespace {

struct Greets {
  const char* plugin;
  const char* type;  // of a message that makes the greeting large; null if its greeting is not kept
  Json large;
  const char* next_type;
  Json next;
  bool shared = false;
  bool followed = false;
};

class Greeting : public ::testing::TestWithParam<Greets> {};

std::vector<Frame> frames(Fold& fold, const std::string& id) {
  std::vector<Frame> all;
  const auto greeting = fold.greeting(0, {id, id, 2});
  for (const auto& part : greeting.parts) all.insert(all.end(), part->begin(), part->end());
  return all;
}

TEST_P(Greeting, is_shared_and_followed_only_if_the_result_is_the_same) {
  const auto& its = GetParam();
  const auto folder = testing::every_plugin().at(its.plugin);
  const auto registry = testing::load_plugin(HUBBUB_PLUGIN_DIR, its.plugin, testing::options_of(folder));
  replay::StillRoom room{"monitor"};
  Fold fold{registry, room};
  ASSERT_TRUE(fold.has(0));
  ASSERT_TRUE(!its.type || fold.apply(0, {1, 1, "john", "John", its.type, its.large}));
  const auto first = frames(fold, "jane"), second = frames(fold, "bob");
  EXPECT_EQ(!first.empty() && first[0].bytes().data() == second.at(0).bytes().data(), its.shared) << "the very same frames";
  if (!its.next_type) return;
  const auto frame = Frame::copy("{}");
  ASSERT_TRUE(fold.apply(0, {2, 1, "john", "John", its.next_type, its.next}, &frame));
  const auto later = frames(fold, "eve");
  ASSERT_FALSE(later.empty());
  EXPECT_EQ(later.front().bytes().data() == first.front().bytes().data(), its.followed) << "the one from before the change";
  EXPECT_EQ(later.back().payload() == "{}", its.followed);
}

const std::string much(70'000, 'x');
const Json line = {{"fromX", 1}, {"fromY", 1}, {"toX", 1}, {"toY", 1}, {"color", "#f00"}};

Json having(Json content, const char* name, const Json& value) {
  content[name] = value;
  return content;
}
Json kanban_task(const std::string& id, const std::string& title) { return {{"id", id}, {"title", title}, {"column", "To do"}, {"position", 0}}; }
Json sheet_cell(int row, const std::string& value) { return {{"row", row}, {"col", 0}, {"value", value}}; }

INSTANTIATE_TEST_SUITE_P(
    Plugin, Greeting,
    ::testing::Values(Greets{"chat", "message", much, "message", "more", true, false},
                      Greets{"code_update", "code_update", much, "code_language", "c", true, false},
                      Greets{"draw", "draw", having(line, "note", much), "draw", line, true, true},
                      Greets{"kanban", "add_task", kanban_task("a", much), "add_task", kanban_task("b", "more"), true, true},
                      Greets{"monitor", nullptr, nullptr, nullptr, nullptr, false, false},
                      Greets{"poll", "poll", {{"question", much}, {"choices", {"a", "b"}}, {"ends", 1}}, "poll_vote", {{"choice", 0}}, true, false},
                      Greets{"script", "poll", {{"question", much}, {"choices", {"a", "b"}}, {"minutes", 1}, {"ends", 1}}, "vote", 1, false, false},
                      Greets{"spreadsheet", "cell_update", sheet_cell(0, much), "cell_update", sheet_cell(1, "more"), true, true}),
    [](const auto& greets) { return greets.param.plugin; });

}  // namespace
}  // namespace hubbub::rooms

#include "replay/difference.hpp"

#include <gmock/gmock.h>

#include <string>

namespace hubbub::replay {
namespace {

std::string shown(const Json& before, const Json& after) {
  std::string text;
  for (const auto& [path, lines] : differences("state", before, after)) text += path + "\n" + lines;
  return text;
}

TEST(Difference, of_equal_values_there_is_none) {
  EXPECT_EQ(shown({{"a", {1, 2.5, "x", nullptr}}}, {{"a", {1.0, 2.5, "x", nullptr}}}), "");
}

TEST(Difference, names_each_place_with_its_old_and_new_value) {
  const Json before = {{"tasks", {{{"id", 1}, {"title", "Water"}}}}, {"gone", false}, {"same", 1}};
  const Json after = {{"tasks", {{{"id", 1}, {"title", "Weed"}}}}, {"same", 1}, {"new key", {}}};
  EXPECT_EQ(shown(before, after),
            "state.gone\n  - false\n"
            "state.tasks[0].title\n  - \"Water\"\n  + \"Weed\"\n"
            "state[\"new key\"]\n  + null\n");
}

TEST(Difference, of_another_kind_of_value_is_one) {
  EXPECT_EQ(shown({{"a", {1}}}, {{"a", {{"b", 1}}}}), "state.a\n  - [1]\n  + {\"b\":1}\n");
  EXPECT_EQ(shown(nullptr, Json::array()), "state\n  - null\n  + []\n");
}

TEST(Difference, an_insertion_or_removal_in_a_list_leaves_the_other_elements_alone) {
  EXPECT_EQ(shown({2, 3}, {1, 2, 3}), "state[0]\n  + 1\n");
  EXPECT_EQ(shown({1, 2, 3}, {1, 3}), "state[1]\n  - 2\n");
  EXPECT_EQ(shown({1, 2}, {1, 2, 3, 4}), "state[2]\n  + 3\nstate[3]\n  + 4\n");
  EXPECT_EQ(shown({1, 1}, {1, 1, 1}), "state[2]\n  + 1\n");
  EXPECT_EQ(shown({1, 2, 3, 9}, {1, 5, 9}), "state[1]\n  - 2\n  + 5\nstate[2]\n  - 3\n");
}

TEST(Difference, is_short_whatever_the_values_are) {
  const std::string longest(159, 'x');
  const auto text = shown(longest + "ü" + std::string(1000, 'y'), "\xFF");
  EXPECT_EQ(text, "state\n  - \"" + longest + "…\n  + \"\uFFFD\"\n");
  const std::string shorter(158, 'x');
  EXPECT_EQ(shown(shorter + "ü" + std::string(1000, 'y'), 1), "state\n  - \"" + shorter + "…\n  + 1\n") << "no half of a character";
  EXPECT_LT(shown(Json::object(), {{std::string(1000, 'k'), 1}}).size(), 100U);
}

}  // namespace
}  // namespace hubbub::replay

#include "protocol/plugin_name.hpp"

#include <gtest/gtest.h>

namespace hubbub {
namespace {

TEST(PluginName, begins_with_a_lower_case_letter_followed_by_letters_digits_and_underscores) {
  for (const auto* name : {"a", "z", "chat", "code_update", "a_", "a9", "a0_z"}) EXPECT_TRUE(is_plugin_name(name)) << name;
  for (const auto* name : {"", "A", "Chat", "cHat", "9a", "_a", "a-b", "a.b", "a b", "a/b", "ä", "a\n", "`a", "{a", "a{", "a`", "a/", "a:"}) EXPECT_FALSE(is_plugin_name(name)) << name;
}

}  // namespace
}  // namespace hubbub

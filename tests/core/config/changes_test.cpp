#include "config/changes.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace hubbub::config {
namespace {

// An allowed value of the option that is not its default.
std::string other_value(const Description& option) {
  static const std::map<std::string, std::string> special{{"server.host", "::1"}, {"server.threads", "3"}, {"server.static", "/usr"},
                                                          {"http.content_security_policy", "sandbox"}, {"store.path", "other.db"},
                                                          {"store.type", "memory"}, {"store.synchronous", "full"}};
  if (const auto found = special.find(option.name); found != special.end()) return found->second;
  if (option.allowed == "true or false") return option.fallback == "true" ? "false" : "true";
  const auto from = option.allowed.find(" from ") + 6;
  const auto least = option.allowed.substr(from, option.allowed.find(' ', from) - from);
  const auto to = option.allowed.find(" to ") + 4;
  return least != option.fallback ? least : option.allowed.substr(to, option.allowed.find(' ', to) - to);
}

TEST(ChangedOptions, NamesEachOptionThatNeedsARestartAndNoOther) {
  const auto before = load({}, {});
  EXPECT_TRUE(changed_options(before, load({}, {})).empty());
  for (const auto& option : core_options()) {
    if (option.name.starts_with("plugins.") || option.name.starts_with("log.")) continue;
    const auto after = load({}, {{variable_for(option.name), other_value(option)}});
    EXPECT_EQ(changed_options(before, after), std::vector{option.name});
  }
}

TEST(ChangedOptions, LeavesOutWhatNeedsNoRestart) {
  EXPECT_TRUE(changed_options(load({}, {}), load({}, {{"HUBBUB_LOG__LEVEL", "debug"}, {"HUBBUB_PLUGINS__LIMITS__HANG", "9s"}, {"HUBBUB_PLUGINS__X", "{}"}})).empty());
}

}  // namespace
}  // namespace hubbub::config

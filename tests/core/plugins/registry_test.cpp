// Which types plugins may claim, and what is told of who claims others.
#include "plugins/registry.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "config/config.hpp"

namespace hubbub::plugins {
namespace {

config::Config with(const std::string& one, const std::string& other, config::Environment more = {}) {
  more["HUBBUB_PLUGINS__DIRECTORY"] = HUBBUB_FIXTURE_DIR;
  more["HUBBUB_PLUGINS__CLAIMANT"] = Json{{"one", one}, {"other", other}}.dump();
  return config::load({}, more);
}

// What is wrong with a plugin that claims these.
std::string problem(const std::string& one, const std::string& other, config::Environment more = {}) {
  try {
    Registry{with(one, other, std::move(more)).plugins};
    return "nothing";
  } catch (const config::Error& error) {
    return error.problems().size() == 1 ? error.problems()[0] : "several problems";
  }
}

const std::string claimant = "environment HUBBUB_PLUGINS__CLAIMANT: plugins.claimant: ";

TEST(Registry, lets_nobody_claim_what_is_the_servers_own) {
  for (const std::string type : {"error", "ping", "pong", "system", "types", "users_update", "welcome"}) {
    const auto why = claimant + "claims the type " + type + ", which is the server's own";
    EXPECT_EQ(problem(type, "fine"), why);
    EXPECT_EQ(problem("fine", type), why);
    EXPECT_EQ(problem(type + "s", type + "_"), "nothing");
  }
  EXPECT_EQ(problem("Error", "welcomes"), "nothing");
}

TEST(Registry, takes_a_type_of_1_to_64_bytes_without_control_characters) {
  const auto refused = [](const std::string& type) { return claimant + "declares the type \"" + type + "\": a type has 1 to 64 bytes and no control characters"; };
  EXPECT_EQ(problem("t", std::string(64, 'x')), "nothing");
  EXPECT_EQ(problem("größe 🌸", "a.b-c/d"), "nothing");
  for (const std::string type : {"", "a\nb", "a\tb"}) EXPECT_EQ(problem("fine", type), refused(type));
  EXPECT_EQ(problem(std::string(65, 'x'), "fine"), refused(std::string(65, 'x')));
  const std::string long_in_bytes = std::string(62, 'x') + "ä";
  EXPECT_EQ(problem(long_in_bytes, "fine"), "nothing");
  EXPECT_EQ(problem("x" + long_in_bytes, "fine"), refused("x" + long_in_bytes));
}

TEST(Registry, lets_a_type_be_claimed_once) {
  EXPECT_EQ(problem("same", "same"), claimant + "declares the type same twice");
  const auto why = problem("note", "fine", {{"HUBBUB_PLUGINS__PROBE", "{}"}});
  EXPECT_NE(why.find("claims the type note, which "), why.npos) << why;
}

TEST(Registry, tells_what_a_client_may_send_and_finds_each_type_by_its_name_and_by_its_key) {
  const auto config = with("one", "a", {{"HUBBUB_PLUGINS__TALLY", "{}"}});
  const Registry registry{config.plugins}, another{config.plugins};
  EXPECT_EQ(registry.sendable_types(), R"(["a","one","word"])") << "in order, without what only a plugin sends";
  for (const auto* name : {"a", "one", "word", "tally"}) {
    const auto* route = registry.find(name);
    ASSERT_TRUE(route) << name;
    EXPECT_EQ(route->type.name(), name);
    EXPECT_EQ(registry.find(route->key), route);
    EXPECT_FALSE(another.find(route->key)) << "a key is one registry's";
  }
  EXPECT_FALSE(registry.find("nobody's"));
}

}  // namespace
}  // namespace hubbub::plugins

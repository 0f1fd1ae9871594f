#include "config/environment.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "start.hpp"

namespace hubbub::config {
namespace {

TEST(Environment, GoesOverTheFile) {
  const Config config = config_of("server: {port: 80, connections: 5}",
                                  {{"HUBBUB_SERVER__PORT", "9000"}, {"HUBBUB_WEBSOCKET__RATE__BURST", "7"}});
  EXPECT_EQ(config.server.port, 9000);
  EXPECT_EQ(config.server.connections, 5U);
  EXPECT_EQ(config.websocket.rate.burst, 7);
}

TEST(Environment, RepairsAWrongValueInTheFile) {
  EXPECT_EQ(config_of("server: {port: abc}", {{"HUBBUB_SERVER__PORT", "9000"}}).server.port, 9000);
}

TEST(Environment, IsEnoughWithoutAFile) {
  EXPECT_EQ(load(std::nullopt, {{"HUBBUB_LOG__LEVEL", "debug"}}).log.level, "debug");
}

TEST(Environment, NeedsNoQuotesAroundText) {
  const Config config = config_of("", {{"HUBBUB_SERVER__HOST", " :: "}, {"HUBBUB_STORE__PATH", "a: #b"}});
  EXPECT_EQ(config.server.host, "::");
  EXPECT_EQ(config.store.path.filename(), "a: #b");
  EXPECT_EQ(config_of("", {{"HUBBUB_STORE__PATH", "2024"}}).store.path.filename(), "2024");
  EXPECT_EQ(config_of("", {{"HUBBUB_SERVER__HOST", "\"::1\""}}).server.host, "::1");
}

TEST(Environment, TakesListsAndSections) {
  const Config config =
      config_of("plugins: {chat: {history: 1}}",
                {{"HUBBUB_PLUGINS__DRAW", "{size: 3, colors: [red, \"1\"]}"}, {"HUBBUB_PLUGINS__CHAT", "{}"}});
  ASSERT_EQ(config.plugins.enabled.size(), 2U);
  EXPECT_EQ(config.plugins.enabled[0].section.node->json(), Json::object());
  EXPECT_EQ(config.plugins.enabled[1].section.node->json(), Json::parse(R"({"size": 3, "colors": ["red", "1"]})"));
}

TEST(Environment, ReachesInsideASectionThatAnotherVariableGave) {
  const Config config =
      config_of("", {{"HUBBUB_PLUGINS__CHAT__HISTORY", "7"}, {"HUBBUB_PLUGINS__CHAT", "{history: 1, max_length: 2}"}});
  EXPECT_EQ(config.plugins.enabled.at(0).section.node->json(), Json::parse(R"({"history": 7, "max_length": 2})"));
}

TEST(Environment, EmptyIsNotSetAndNullIsTheDefault) {
  const std::string yaml = "server: {port: 80}\nwebsocket: {enabled: false}";
  EXPECT_EQ(config_of(yaml, {{"HUBBUB_SERVER__PORT", ""}, {"WS_ENABLED", " "}}).server.port, 80);
  EXPECT_FALSE(config_of(yaml, {{"HUBBUB_SERVER__PORT", ""}, {"WS_ENABLED", " "}}).websocket.enabled);
  EXPECT_EQ(config_of(yaml, {{"HUBBUB_SERVER__PORT", "null"}}).server.port, 8100);
}

TEST(Environment, WsEnabledSwitchesTheWebsocketInAnyUsualSpelling) {
  for (const auto* off : {"false", "0", "no", "off", "FALSE", "No", " Off\n"}) {
    EXPECT_FALSE(config_of("", {{"WS_ENABLED", off}}).websocket.enabled) << off;
  }
  for (const auto* on : {"true", "1", "yes", "on", "True", "YES"}) {
    EXPECT_TRUE(config_of("websocket: {enabled: false}", {{"WS_ENABLED", on}}).websocket.enabled) << on;
  }
  EXPECT_EQ(problems_of("", {{"WS_ENABLED", "2"}}), Lines{"environment WS_ENABLED: must be true or false, not \"2\""});
  EXPECT_TRUE(config_of("", {{"WS_ENABLED", "0"}, {"HUBBUB_WEBSOCKET__ENABLED", "true"}}).websocket.enabled);
}

TEST(Environment, VariablesWithoutADoubleUnderscoreAreNotConfiguration) {
  EXPECT_EQ(problems_of("", {{"HUBBUB_BINARY", "x"}, {"HUBBUB_", "x"}, {"PORT", "x"}, {"hubbub_a__b", "x"}}), Lines{});
}

// Otherwise it would be ignored silently.
TEST(Environment, AVariableOfAnOptionWithSingleUnderscoresIsAMistake) {
  std::size_t known = 0;
  for (const auto& option : core_options()) {
    const auto meant = variable_for(option.name);
    auto written = meant;
    for (auto at = written.find("__"); at != written.npos; at = written.find("__")) written.erase(at, 1);
    EXPECT_EQ(problems_of("", {{written, "1"}}), Lines{"environment " + written + ": is not an option; did you mean " + meant + "?"});
    ++known;
  }
  EXPECT_GT(known, 30U);
  EXPECT_EQ(problems_of("", {{"HUBBUB_STORE__RETENTION_AGE", "1d"}}).size(), 1U);
}

TEST(Environment, NeedsNoQuotesAroundTextThatLooksLikeSomethingElse) {
  const std::pair<const char*, const char*> texts[] = {{"42", "42"}, {"-1.5", "-1.5"}, {"true", "true"}, {"\"42\"", "42"}, {"'true'", "true"}, {"a: b", "a: b"},
                                                       {" # no comment ", "# no comment"}, {"'it''s'", "it's"}, {"null", "unnamed"}, {"~", "unnamed"}, {"Null", "unnamed"}, {"NULL", "unnamed"},
                                                       {"'null'", "null"}, {"nULL", "nULL"}};
  for (const auto& [written, text] : texts) {
    const auto config = load({}, {{"HUBBUB_PLUGINS__CHAT__TITLE", written}});
    auto reader = config.plugins.enabled.at(0).reader();
    EXPECT_EQ(reader.text("title", "unnamed", 12), text) << written;
    EXPECT_EQ(reader.problems(), Lines{}) << written;
  }
  for (const auto* written : {"[a]", "{a: 1}", "1234567890123"}) {
    const auto config = load({}, {{"HUBBUB_PLUGINS__CHAT__TITLE", written}});
    auto reader = config.plugins.enabled.at(0).reader();
    EXPECT_EQ(reader.text("title", "unnamed", 12), "unnamed") << written;
    EXPECT_EQ(reader.problems().size(), 1U) << written;
  }
}

TEST(Environment, MistakesNameTheVariable) {
  EXPECT_EQ(
      problems_of("", {{"HUBBUB_HTTP__BODY_LIMIT", "1MB"},
                       {"HUBBUB_LOG__LEVEL", "{a: 1, a: 2}"},
                       {"HUBBUB_ROOMS__GRACE", "[30s"},
                       {"HUBBUB_SERVER__HOST", "\x01"},
                       {"HUBBUB_SERVER__PORT", "abc"},
                       {"HUBBUB_SERVER__PROT", "80"},
                       {"HUBBUB_SERVR__PORT", "80"},
                       {"HUBBUB_STORE", "not configuration"},
                       {"HUBBUB_STORE__RETENTION", "{messages: 0}"},
                       {"HUBBUB__LOG__LEVEL", "info"}}),
      (Lines{
          "environment HUBBUB_HTTP__BODY_LIMIT: must be a size from 0B to 64MiB such as 64KiB, not \"1MB\"; write 1MiB",
          "environment HUBBUB_LOG__LEVEL: a: is given twice; remove one",
          "environment HUBBUB_ROOMS__GRACE: a list or section where a name belongs; close each [ and {, and put "
          "text that begins with one in quotes",
          "environment HUBBUB_SERVER__HOST: holds a control character; remove it",
          "environment HUBBUB_SERVER__PORT: must be a whole number from 0 to 65535, not \"abc\"",
          "environment HUBBUB_SERVER__PROT: unknown option; did you mean \"port\"?",
          "environment HUBBUB_SERVR__PORT: servr: unknown option; did you mean \"server\"?",
          "environment HUBBUB_STORE__RETENTION: store.retention.messages: must be a whole number from 1 to "
          "100000000, not 0",
          "environment HUBBUB__LOG__LEVEL: _log: unknown option; did you mean \"log\"?"}));
}

TEST(Environment, CannotReachInsideASingleValue) {
  EXPECT_EQ(problems_of("server:\n  port: 80\n", {{"HUBBUB_SERVER__PORT__X", "1"}}),
            Lines{"environment HUBBUB_SERVER__PORT__X: cannot be set because server.port is 80 (config.yaml:2)"});
}

TEST(Environment, NamesHaveAtMost32Levels) {
  std::string name = "HUBBUB_A";
  for (int i = 1; i < 32; ++i) name += "__A";
  EXPECT_EQ(problems_of("", {{name, "1"}}).at(0).find("levels"), std::string::npos);
  EXPECT_TRUE(problems_of("", {{name + "__A", "1"}}).at(0).ends_with(": names more than 32 levels"));
}

TEST(Environment, NamesOfManyLevelsAreRefused) {
  std::string name = "HUBBUB_A";
  for (int i = 0; i < 10'000; ++i) name += "__A";
  EXPECT_EQ(problems_of("", {{name, "1"}}).size(), 1U);
}

TEST(Environment, OfTheProcessIsRead) {
  ::setenv("HUBBUB_TEST__ENTRY", "a=b", 1);
  EXPECT_EQ(process_environment().at("HUBBUB_TEST__ENTRY"), "a=b");
  ::unsetenv("HUBBUB_TEST__ENTRY");
  EXPECT_EQ(process_environment().count("HUBBUB_TEST__ENTRY"), 0U);
}

}  // namespace
}  // namespace hubbub::config

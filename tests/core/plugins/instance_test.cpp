// What becomes of what a plugin's functions do, and of what they throw.
#include "plugins/instance.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "config/config.hpp"
#include "plugins/registry.hpp"

namespace hubbub::plugins {
namespace {

struct Noted final : Greeting {
  void replay(const Entry& entry) override { sent += entry.type + " "; }
  void send(Message message) override { sent += message.type + " "; }
  std::string sent;
};

struct InstanceTest : ::testing::Test {
  static config::Environment environment() {
    config::Environment all{{"HUBBUB_PLUGINS__DIRECTORY", HUBBUB_FIXTURE_DIR}};
    for (const auto* name : {"PROBE", "MAKER", "MOODY"}) all[std::string{"HUBBUB_PLUGINS__"} + name] = "{}";
    return all;
  }
  Instance make(const std::string& name) const {
    const auto plugins = registry.plugins();
    return std::ranges::find(plugins, name, &LoadedPlugin::name)->instantiate();
  }
  // "nothing", "unfit: …" or "fault: …".
  static std::string words(const std::optional<Fault>& fault) {
    return !fault ? "nothing" : (fault->unfit ? "unfit: " : "fault: ") + fault->text;
  }
  static std::string asked(const Instance& plugin, const std::string& type, const Json& content, Verdict& verdict) {
    return words(plugin.on_message({"jane", "Jane", 1}, {type, content}, verdict));
  }
  static Entry entry(const Json& content) { return {1, 0, "jane", "Jane", "note", content}; }

  const Registry registry{config::load({}, environment()).plugins};
};

TEST_F(InstanceTest, hands_out_what_the_plugin_decided) {
  const auto probe = make("probe");
  Verdict verdict;
  EXPECT_EQ(asked(probe, "note", "hello", verdict), "nothing");
  EXPECT_EQ(verdict.kind, Verdict::Kind::broadcast);
  EXPECT_EQ(verdict.message.content, "hello");
  EXPECT_EQ(asked(probe, "note", "refuse", verdict), "nothing");
  EXPECT_EQ(verdict.kind, Verdict::Kind::reject);
  EXPECT_EQ(verdict.reason, "content: must not be refuse");
}

TEST_F(InstanceTest, tells_a_form_that_the_plugin_did_not_expect_from_what_fails_in_it) {
  auto probe = make("probe");
  Verdict verdict;
  EXPECT_EQ(asked(probe, "note", "throw", verdict), "fault: on_message was told to throw");
  EXPECT_EQ(asked(probe, "note", "throw a number", verdict).substr(0, 7), "fault: ");
  EXPECT_EQ(asked(probe, "sum", {{"a", 1}}, verdict).substr(0, 7), "unfit: ");
  EXPECT_EQ(words(probe.apply(entry("throw in apply"))), "fault: apply was told to throw");
  EXPECT_EQ(words(probe.restore("no list")).substr(0, 7), "unfit: ");
  Noted greeting;
  EXPECT_EQ(words(probe.greet({"throw", "throw", 1}, greeting)), "fault: greet was told to throw");
  EXPECT_EQ(greeting.sent, "answer ") << "as far as it came";
  EXPECT_EQ(words(probe.greet({"jane", "Jane", 1}, greeting)), "nothing");
  EXPECT_EQ(words(probe.on_timer()).substr(0, 7), "fault: ") << "it has been given no room";
}

TEST_F(InstanceTest, adds_the_state_to_what_there_is_and_says_what_json_cannot_hold) {
  auto probe = make("probe"), maker = make("maker");
  for (const Json& note : {Json{1}, Json{"größer 🌸"}}) EXPECT_EQ(words(probe.apply(entry(note))), "nothing");
  std::string text = "{\"probe\":";
  EXPECT_EQ(words(probe.snapshot(text)), "nothing");
  EXPECT_EQ(text, "{\"probe\":[[1],[\"größer 🌸\"]]");
  EXPECT_EQ(words(probe.apply(entry("throw in snapshot"))), "nothing");
  EXPECT_EQ(words(probe.snapshot(text)), "fault: snapshot was told to throw");
  for (const auto* what : {"!nan", "!binary", "!cut"}) {
    EXPECT_EQ(words(maker.apply(entry({{"in", "state"}, {"what", what}}))), "nothing");
    EXPECT_EQ(words(maker.snapshot(text)).substr(0, 17), "fault: its state ") << what;
  }
}

TEST_F(InstanceTest, brings_back_the_state_on_a_new_object) {
  auto one = make("probe"), other = make("probe");
  EXPECT_EQ(words(one.apply(entry(7))), "nothing");
  std::string text, again;
  one.snapshot(text);
  EXPECT_EQ(words(other.restore(Json::parse(text))), "nothing");
  other.snapshot(again);
  EXPECT_EQ(again, "[7]");
}

TEST_F(InstanceTest, is_none_where_the_constructor_throws) {
  ::setenv("MOODY", "yes", 1);
  try {
    make("moody");
    ADD_FAILURE() << "it is in the mood";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "its constructor failed: it is not in the mood");
  }
  ::unsetenv("MOODY");
  EXPECT_NO_THROW(make("moody"));
}

}  // namespace
}  // namespace hubbub::plugins

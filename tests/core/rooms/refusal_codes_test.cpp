// With which code a message is refused that there is more than one thing wrong with.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "core/rooms/stage.hpp"
#include "store/memory.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;

struct RefusalCodes : ::testing::Test {
  static std::string answer_to(Stage& stage, Actor& actor, const std::string& text) {
    actor.inbox.messages.clear();
    actor.send_text(text);
    stage.run();
    if (actor.inbox.messages.empty()) return "nothing";
    const auto& first = actor.inbox.messages.front();
    return first["type"] == "error" ? first["code"].get<std::string>() : "it is taken";
  }
  static config::Config settings(const std::string& burst) {
    return configured({{"HUBBUB_PLUGINS__VARIED", "{}"}, {"HUBBUB_WEBSOCKET__RATE__BURST", burst}, {"HUBBUB_WEBSOCKET__RATE__MESSAGES", "1"}});
  }

  // The code of each, if it comes in time.
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{", "bad_json"},
      {R"([{"type":"theirs"}])", "bad_json"},
      {R"({"type":7,"content":"text"})", "bad_json"},
      {R"({"type":"nobodys","content":"text"})", "unknown_type"},
      {R"({"type":"theirs","content":1})", "forbidden"},
      {R"({"type":"theirs","content":"does not fit"})", "forbidden"},
      {R"({"type":"theirs"})", "forbidden"},
      {R"({"type":"both","content":1})", "forbidden"},
      {R"({"type":"all","content":"does not fit"})", "invalid"},
      {R"({"type":"all"})", "invalid"},
      {R"({"type":"all","content":1})", "it is taken"},
  };
  store::MemoryStore store{{}, 10};
};

TEST_F(RefusalCodes, are_for_the_first_of_json_and_type_and_who_may_send_it_and_content) {
  Stage stage{store, 1, settings("1000")};
  for (const auto& [text, code] : cases) {
    Actor john{stage, "john"};
    EXPECT_EQ(answer_to(stage, john, text), code) << text;
  }
}

TEST_F(RefusalCodes, are_for_the_rate_before_anything_else_is_looked_at) {
  Stage stage{store, 1, settings("1")};
  for (const auto& [text, code] : cases) {
    Actor john{stage, "john"};
    EXPECT_EQ(answer_to(stage, john, text), code) << text << " counts";
    for (const auto& [other, its_code] : cases) EXPECT_EQ(answer_to(stage, john, other), "rate_limited") << other << " behind " << text;
  }
}

}  // namespace
}  // namespace hubbub::rooms

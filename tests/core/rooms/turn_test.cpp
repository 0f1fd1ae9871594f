// What happens within one turn of a shard, at whose end everything is written.
#include <gtest/gtest.h>

#include <optional>

#include "core/rooms/stage.hpp"
#include "store/memory.hpp"

namespace hubbub::rooms {
namespace {

struct OneTurn : ::testing::Test {
  store::MemoryStore store{{}, 10};
  Stage stage{store, 1};
};

TEST_F(OneTurn, who_comes_or_resumes_in_the_middle_of_one_sees_each_message_once) {
  Actor jane{stage, "jane"};
  stage.run();
  const std::string epoch = jane.take("welcome").at(0)["content"]["epoch"];
  std::optional<Actor> bob, john;
  stage.home().enter([&] {
    jane.send("note", "before");
    bob.emplace(stage, "bob");
    john.emplace(stage, "john", 0, JoinRequest::Position{epoch, 0});
    jane.send("note", "after");
  });
  stage.run();
  EXPECT_EQ(seqs(jane), (Seqs{1, 2}));
  EXPECT_EQ(seqs(*bob), Seqs{2});
  EXPECT_EQ(seqs(*john), (Seqs{1, 2}));
}

TEST_F(OneTurn, what_one_member_alone_is_told_keeps_its_place_among_what_everybody_is) {
  Actor jane{stage, "jane"}, bob{stage, "bob"};
  stage.run();
  for (auto* actor : {&jane, &bob}) actor->inbox.messages.clear();
  stage.home().enter([&] {
    jane.send("note", "one");
    bob.send("note", "refuse");
    jane.send("note", "two");
  });
  std::vector<std::string> types;
  for (const auto& message : bob.inbox.messages) types.push_back(message["type"]);
  EXPECT_EQ(types, (std::vector<std::string>{"note", "error", "note"}));
  EXPECT_EQ(seqs(jane), (Seqs{1, 2}));
  EXPECT_EQ(jane.count("error"), 0U);
}

TEST_F(OneTurn, who_is_closed_has_been_given_what_came_before) {
  Actor jane{stage, "jane"}, bob{stage, "bob"};
  stage.run();
  stage.home().enter([&] {
    jane.send("note", "one");
    stage.hub.expel(2, CloseCode::policy, "");
    jane.send("note", "two");
  });
  EXPECT_EQ(seqs(bob), (Seqs{1}));
  EXPECT_EQ(bob.inbox.closed, CloseCode::policy);
}

}  // namespace
}  // namespace hubbub::rooms

// The plugins change while somebody is on the way into a room, in any phase of it: nobody is let in with a gap, twice, or by plugins that
// are gone.
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/rooms/slow_room.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;

class ReloadAtTheDoor : public SlowRoom {
 protected:
  static std::shared_ptr<const plugins::Registry> with(const std::string& other) {
    config::Environment environment;
    if (!other.empty()) environment.emplace("HUBBUB_PLUGINS__" + other, "{}");
    return std::make_shared<const plugins::Registry>(configured(environment).plugins);
  }
  void use(const std::string& other) {
    stage.home().enter([&] { stage.hub.use(with(other)); });
  }
  void settle() {
    for (int i = 0; i < 5; ++i) {
      answer();
      stage.advance(1s);
    }
  }
  void say(Actor& actor, int count, const std::string& text) {
    for (int i = 0; i < count; ++i) {
      actor.send("note", text);
      if (i % 20 == 19) stage.advance(1s);
    }
    settle();
  }
  std::unique_ptr<Actor> jane(const std::string& room, std::optional<JoinRequest::Position> since = {}, bool reads = true) {
    return std::make_unique<Actor>(stage, "jane", 1, std::move(since), room, std::nullopt, reads);
  }
};

TEST_F(ReloadAtTheDoor, lets_everybody_in_whole_or_has_them_come_again) {
  struct Way {
    const char* stage;
    int notes;
    std::string text;
    bool resumes;
    bool reads;
    std::function<void(Actor& john)> before;  // jane comes
    std::size_t answers;                      // of the store, after that
    bool is_closed;                           // what she was given rests on the previous plugins
  };
  const std::vector<Way> ways = {
      {"in her turn behind what is being committed", 1, "a", false, true, [](Actor& john) { john.send("note", "b"); }, 0, false},
      {"what she missed is being read", 3, "a", true, true, [](Actor&) {}, 0, false},
      {"her first page of the log is being read", 150, "a", true, true, [](Actor&) {}, 0, true},
      {"a page of the log is all that she has", 2500, std::string(200, 'x'), true, false, [](Actor&) {}, 1, true},
      {"a page of the greeting is all that she has", 4, std::string(40'000, 'x'), false, false, [](Actor&) {}, 1000, true},
  };
  for (const auto& way : ways) {
    SCOPED_TRACE(way.stage);
    use("");
    Actor john{stage, "john", 0, {}, way.stage};
    settle();
    const auto epoch = epoch_of(john);
    say(john, way.notes, way.text);
    way.before(john);
    const auto her = jane(way.stage, way.resumes ? std::optional{JoinRequest::Position{epoch, 0}} : std::nullopt, way.reads);
    answer(way.answers);
    her->send("note", "hers", "hers");
    use("TALLY");
    settle();
    EXPECT_EQ(her->inbox.closed, way.is_closed ? std::optional{CloseCode::too_slow} : std::nullopt);
    if (her->inbox.closed) continue;
    const auto welcome = her->take("welcome");
    ASSERT_EQ(welcome.size(), 1U);
    EXPECT_EQ(welcome[0]["content"]["recovered"], way.resumes);
    const auto notes = her->take("note");
    ASSERT_FALSE(notes.empty());
    EXPECT_EQ(notes.back()["ref"], "hers");
    EXPECT_EQ(notes.size(), way.resumes ? static_cast<std::size_t>(way.notes) + 1 : 1U);
    john.send("word", "apple");
    settle();
    EXPECT_EQ(her->count("word"), 1U);
  }
}

// The plugins change while a client's earlier messages are being read.
TEST_F(ReloadAtTheDoor, hears_once_who_says_something_again_meanwhile) {
  const auto john = come("john");
  john->send("note", "once", "r");
  answer();
  const auto back = come_back("john", john->key());
  answer();
  back->send("note", "once", "r");
  back->send("word", "apple", "w");
  back->send("note", "new", "n");
  EXPECT_EQ(store.waiting(), 1U);
  use("TALLY");
  settle();
  EXPECT_EQ(seqs(*back), (Seqs{1, 2}));
  const auto errors = back->take("error");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0]["code"], "unknown_type") << "there was no tally when that was said";
}

// Nobody is in the room, which is kept for a while.
TEST_F(ReloadAtTheDoor, finds_a_room_that_is_empty_with_the_current_plugins) {
  come("john")->send("note", "kept");
  answer();
  use("TALLY");
  settle();
  const auto her = come("jane");
  EXPECT_EQ(her->take("answer").at(0)["content"], Json{"kept"});
  her->send("word", "apple");
  answer();
  EXPECT_EQ(her->count("word"), 1U);
}

}  // namespace
}  // namespace hubbub::rooms

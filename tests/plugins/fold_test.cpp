// The state of every plugin is what was accepted, folded: from the log alone, from any snapshot and the rest, and as
// after live use, byte for byte, over random histories that include refused messages. So nobody can notice a restart from
// the greetings, or from which messages are accepted.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "plugins/every_plugin.hpp"
#include "plugins/random_edit.hpp"
#include "plugins/random_json.hpp"
#include "plugins/still_room.hpp"
#include "protocol/encode.hpp"

namespace hubbub::rooms {
namespace {

class History {
 public:
  History(const plugins::Registry& registry, unsigned seed) : registry_(registry), random_(seed) {
    for (const auto& type : Json::parse(registry.sendable_types())) routes_.push_back(registry.find(type.get<std::string>()));
  }

  void play() {
    for (int step = 0; step < 120; ++step) {
      say();
      if (random_.one_in(10)) restart();
    }
    Fold replayed{registry_, room_};
    ASSERT_TRUE(replayed.restore({}, log_));
    ASSERT_EQ(replayed.snapshot(), live_->snapshot()) << "from the log alone";
  }

  std::size_t accepted() const { return log_.size(); }

 private:
  // A content that the type allows and, if the schema cannot say that, that fits the messages so far.
  Json fitting(const Type& type) {
    if (type.name() == "code_edit") return testing::random_edit(random_, said_);
    return random_.fitting(type.schema());
  }

  void say() {
    const auto& route = *routes_[random_.below(routes_.size())];
    const Json content = random_.one_in(4) ? random_.any(3) : fitting(route.type);
    if (route.schema.check(content)) return;
    const Member sender{"id" + std::to_string(random_.below(3)), "Somebody", 1};
    ASSERT_TRUE(live_->has(0));
    asked_.push_back({sender, {route.type.name(), content}});
    if (asked_.size() > 6) asked_.pop_front();
    const auto before = live_->snapshot();
    Verdict verdict;
    const auto fault = live_->on_message(0, sender, {route.type.name(), content}, verdict);
    ASSERT_EQ(live_->snapshot(), before) << "asking changes nothing";
    if (fault) {
      ASSERT_TRUE(fault->unfit) << route.type.name() << " " << content << ": " << fault->text;
      return;
    }
    if (verdict.kind == Verdict::Kind::broadcast) accept(sender, verdict.message);
  }

  void accept(const Member& sender, const Message& message) {
    const auto* route = registry_.find(message.type);
    ASSERT_NE(route, nullptr) << message.type;
    if (!route->type.is_logged()) return;
    const Entry entry{log_.size() + 1, room_.time(), sender.id, sender.nickname, message.type, message.content};
    const auto fields = sender_fields(sender.nickname, sender.id);
    const auto frame = encode({route->json_type, entry.content, "\"general\"", fields, entry.seq, entry.ts, {}}, Delivery::must());
    ASSERT_TRUE(live_->apply(0, entry));
    random_.reached(entry.seq);
    log_.push_back({entry.seq, entry.ts, std::string{registry_.plugins()[0].name()}, "1", {}, frame});
    said_.push_back(entry);
    if (random_.one_in(8)) snapshot_ = {entry.seq, live_->snapshot().value()};
  }

  // The room's messages for a newcomer, and its answers to recent messages that are sent again. Randomness and time may
  // change such an answer, but not whether it is a refusal.
  std::vector<std::string> said_by_the_room() {
    std::vector<std::string> said;
    live_->forget_greetings();
    const auto greeting = live_->greeting(0, {"new", "Newcomer", 2});
    for (const auto& part : greeting.parts) {
      for (const auto& frame : *part) said.emplace_back(frame.payload());
    }
    for (const auto& [sender, message] : asked_) {
      Verdict verdict;
      const auto fault = live_->on_message(0, sender, Message{message}, verdict);
      said.push_back(fault ? fault->text : verdict.kind == Verdict::Kind::reject ? verdict.reason : "taken");
    }
    return said;
  }

  // Opens the room again, from its last snapshot and the messages after it.
  void restart() {
    if (!live_->has(0)) return;
    const auto said = said_by_the_room();
    const auto before = live_->snapshot();
    live_.emplace(registry_, room_);
    const auto covered = snapshot_ ? snapshot_->seq : 0;
    ASSERT_TRUE(live_->restore(snapshot_, std::span{log_}.subspan(covered)));
    ASSERT_FALSE(live_->why_out(0)) << *live_->why_out(0);
    ASSERT_EQ(live_->snapshot(), before) << "after " << log_.size() << " messages, from a snapshot after " << covered;
    ASSERT_TRUE(live_->has(0));
    ASSERT_EQ(said_by_the_room(), said) << "after " << log_.size() << " messages, from a snapshot after " << covered;
  }

  const plugins::Registry& registry_;
  testing::RandomJson random_;
  replay::StillRoom room_;
  std::vector<const plugins::Route*> routes_;
  std::optional<Fold> live_{std::in_place, registry_, room_};
  std::vector<store::Record> log_;
  std::vector<Entry> said_;  // the same
  std::deque<std::pair<Member, Message>> asked_;  // the newest, accepted or not
  std::optional<store::Snapshot> snapshot_;
};

class EveryPlugin : public ::testing::TestWithParam<std::pair<const std::string, std::filesystem::path>> {};

TEST_P(EveryPlugin, has_the_same_state_from_live_use_log_and_snapshot) {
  const auto& [name, folder] = GetParam();
  const auto registry = testing::load_plugin(HUBBUB_PLUGIN_DIR, name, testing::options_of(folder));
  const auto types = Json::parse(registry.sendable_types());
  const auto can_be_played = [&](const Json& type_name) {
    const auto& type = registry.find(type_name.get<std::string>())->type;
    return type.is_logged() && !type.schema().is_null();
  };
  if (std::ranges::none_of(types, can_be_played)) GTEST_SKIP() << "it logs nothing of which a schema says what it is";
  std::size_t accepted = 0;
  for (unsigned seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    History history{registry, seed};
    history.play();
    if (HasFatalFailure()) return;
    accepted += history.accepted();
  }
  EXPECT_GT(accepted, 100U) << "hardly anything was accepted, so little was tried";
}

INSTANTIATE_TEST_SUITE_P(Plugin, EveryPlugin, ::testing::ValuesIn(testing::every_plugin()), [](const auto& plugin) { return plugin.param.first; });

}  // namespace
}  // namespace hubbub::rooms

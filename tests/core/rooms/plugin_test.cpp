// What a room promises its plugins: when each of their functions is called, and what becomes of what they say.
#include <gtest/gtest.h>
#include <pthread.h>

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/rooms/slow_room.hpp"
#include "store/memory.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;
using Calls = std::vector<std::string>;

const config::Environment with_witness = {{"HUBBUB_PLUGINS__WITNESS", "{}"}, {"HUBBUB_ROOMS__GRACE", "1ms"}};

struct Witnessed : ::testing::Test {
  // The calls so far on the object that is there now.
  Calls calls(Actor& actor) {
    actor.take("told");
    actor.send("calls", nullptr);
    stage.run();
    return actor.take("told").at(0)["content"].get<Calls>();
  }
  static std::vector<std::string> types(const Actor& actor) {
    std::vector<std::string> all;
    for (const auto& message : actor.inbox.messages) all.push_back(message["type"]);
    return all;
  }

  store::MemoryStore store{{}, 10};
  Stage stage{store, 1, configured(with_witness)};
};

TEST_F(Witnessed, is_opened_before_it_hears_who_is_there_who_comes_and_who_goes) {
  Actor john{stage, "john"};
  EXPECT_EQ(calls(john), (Calls{"on_open, with 0", "on_join john of 1"}));
  {
    Actor jane{stage, "jane"};
    EXPECT_EQ(calls(john).back(), "on_join jane of 2");
    john.send("mark", 1);
    EXPECT_EQ(calls(john).back(), "apply 1 by john");
  }
  EXPECT_EQ(calls(john), (Calls{"on_open, with 0", "on_join john of 1", "on_join jane of 2", "apply 1 by john", "on_leave jane of 1"}));
}

TEST_F(Witnessed, applies_what_it_posted_as_the_log_has_it) {
  Actor john{stage, "john"};
  john.send("mark", {{"post", "mark"}});
  stage.run();
  EXPECT_EQ(john.take("mark").back()["nickname"], "System");
  EXPECT_EQ(calls(john).back(), "apply 2 by System");
}

TEST_F(Witnessed, hears_of_a_room_that_it_does_not_mind_as_soon_as_somebody_sends_one_of_its_messages_there) {
  Actor john{stage, "john", 0, {}, "unminded"};
  EXPECT_EQ(calls(john), Calls{});
  Actor jane{stage, "jane", 0, {}, "unminded"};
  EXPECT_EQ(calls(john), (Calls{"on_join jane of 2"}));
}

TEST_F(Witnessed, minds_a_room_of_which_it_cannot_tell) {
  Actor john{stage, "john", 0, {}, "doubtful"};
  EXPECT_EQ(calls(john), (Calls{"on_open, with 0", "on_join john of 1"}));
}

TEST_F(Witnessed, is_opened_before_it_hears_who_is_there_when_it_is_tried_again_after_it_was_off) {
  Actor john{stage, "john"};
  for (int i = 0; i < 10; ++i) john.send("wrongly", i);
  stage.advance(1min);
  EXPECT_EQ(calls(john), (Calls{"restore state", "on_open, with 1", "on_join john of 1"}));
}

TEST_F(Witnessed, says_nothing_under_a_type_that_is_another_plugins) {
  Actor john{stage, "john"};
  for (const auto* way : {"send", "post"}) {
    for (const auto* type : {"note", "blink", "answer", "nobody's"}) john.send("mark", {{way, type}});
  }
  stage.run();
  EXPECT_EQ(john.count("note") + john.count("blink") + john.count("nobody's"), 0U);
  EXPECT_EQ(john.count("answer"), 1U) << "the probe's own, for who comes";
}

TEST_F(Witnessed, has_its_state_before_it_is_opened_again) {
  std::optional<Actor> john{std::in_place, stage, "john"};
  john->send("mark", 1);
  john.reset();
  stage.advance(1s);
  EXPECT_EQ(stage.world.open_rooms(), 0U);
  john.emplace(stage, "john");
  EXPECT_EQ(calls(*john), (Calls{"restore state", "on_open, with 0", "on_join john of 1"}));
}

TEST_F(Witnessed, hears_of_everybody_who_is_there_in_their_order_when_it_comes_anew) {
  Actor john{stage, "john"}, jane{stage, "jane"}, bob{stage, "bob"};
  john.send("mark", 1);
  const auto others = std::make_shared<const plugins::Registry>(configured(with_witness).plugins);
  stage.home().enter([&] { stage.hub.use(others); });
  EXPECT_EQ(calls(john), (Calls{"restore state", "on_open, with 3", "on_join john of 3", "on_join jane of 3", "on_join bob of 3"}));
}

TEST_F(Witnessed, is_woken_once_at_the_time_that_it_asked_for_last_and_never_more_often_than_may_be) {
  Actor john{stage, "john"};
  john.send("mark", {{"wake", {500, 100}}});
  stage.advance(99ms);
  EXPECT_NE(calls(john).back(), "on_timer");
  stage.advance(1ms);
  EXPECT_EQ(calls(john).back(), "on_timer");
  stage.advance(1s);
  EXPECT_EQ(calls(john).size(), 4U);
  john.send("mark", {{"wake", {0}}});
  stage.advance(9ms);
  EXPECT_NE(calls(john).back(), "on_timer");
  stage.advance(1ms);
  EXPECT_EQ(calls(john).back(), "on_timer");
}

TEST_F(Witnessed, knows_the_time_that_its_messages_carry_whatever_has_passed) {
  Actor john{stage, "john"};
  for (const auto later : {10ms, 12'345ms}) {
    stage.advance(later);
    john.send("wake", 500);
    stage.advance(500ms);
    const auto note = john.take("note").at(0);
    EXPECT_EQ(note["content"], "woken at " + note["ts"].dump());
    EXPECT_EQ(note["ts"], stage.home().unix_ms());
  }
}

// Each call takes as long as the member takes that it tells of it.
TEST_F(Witnessed, is_woken_for_a_tenth_of_the_time_at_most_however_often_it_asks) {
  for (const auto& [takes, times] : std::vector<std::pair<std::chrono::milliseconds, std::size_t>>{
           {0ms, 100}, {1ms, 91}, {5ms, 20}, {20ms, 5}, {100ms, 1}, {2s, 1}}) {
    SCOPED_TRACE(takes.count());
    Actor john{stage, "john", 0, {}, "of " + std::to_string(takes.count())};
    john.inbox.when_sent = [&, takes = takes](const Json& message) {
      if (message["type"] == "told") stage.home().pass(takes);
    };
    john.send("mark", {{"again", 1}});
    stage.advance(1s);
    EXPECT_EQ(john.take("told").size(), times);
    stage.advance(10 * takes + 10ms);
    EXPECT_GE(john.take("told").size(), 1U) << "and goes on";
  }
}

TEST_F(Witnessed, says_what_it_posts_once_the_call_is_over) {
  Actor john{stage, "john"}, jane{stage, "jane"};
  for (const auto* type : {"mark", "fleeting"}) {
    john.inbox.messages.clear();
    jane.inbox.messages.clear();
    john.send("mark", {{"post", type}}, type);
    EXPECT_EQ(types(jane), (std::vector<std::string>{"mark", type}));
    EXPECT_EQ(jane.inbox.messages[0]["content"], "done");
    EXPECT_EQ(jane.inbox.messages[1]["content"], "posted");
    EXPECT_EQ(jane.inbox.messages[1]["nickname"], "System");
    EXPECT_FALSE(jane.inbox.messages[1].contains("id"));
    EXPECT_FALSE(jane.inbox.messages[1].contains("ref"));
    EXPECT_EQ(jane.inbox.messages[1].contains("seq"), type == std::string{"mark"});
    EXPECT_TRUE(jane.inbox.messages[1].contains("ts"));
  }
}

TEST_F(Witnessed, says_what_it_posts_in_the_order_in_which_it_posts_it) {
  Actor john{stage, "john"}, jane{stage, "jane"};
  jane.inbox.messages.clear();
  john.send("mark", {{"post", "fleeting"}, {"then", "mark"}});
  EXPECT_EQ(types(jane), (std::vector<std::string>{"mark", "fleeting", "mark"}));
}

TEST_F(Witnessed, tells_one_member_alone) {
  Actor john{stage, "john"}, jane{stage, "jane"};
  jane.inbox.messages.clear();
  john.send("mark", {{"send", "told"}});
  EXPECT_EQ(john.take("told").at(0)["content"], "sent");
  EXPECT_EQ(types(jane), std::vector<std::string>{"mark"});
}

TEST_F(Witnessed, alone_gets_a_question) {
  Actor john{stage, "john"}, jane{stage, "jane"};
  jane.inbox.messages.clear();
  john.send("calls", nullptr, "q");
  EXPECT_EQ(john.take("told").at(0)["ref"], "q");
  john.send("wrongly", 1, "w");
  EXPECT_EQ(john.take("error").at(0)["code"], "internal") << "to pass a question on is the plugin's fault";
  EXPECT_TRUE(jane.inbox.messages.empty());
  john.send("mark", 1);
  EXPECT_EQ(john.take("mark").at(0)["seq"], 1) << "it has no place in the log";
}

TEST_F(Witnessed, is_asked_no_more_often_than_a_question_allows) {
  Actor john{stage, "john"};
  for (int i = 0; i < 3; ++i) john.send("rarely", nullptr, i);
  EXPECT_EQ(john.take("told").size(), 1U);
  const auto errors = john.take("error");
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[0]["code"], "rate_limited");
  EXPECT_EQ(errors[0]["ref"], 1);
  EXPECT_EQ(errors[0]["retry_after_ms"], 1000);
  stage.advance(1s);
  john.send("rarely", nullptr);
  EXPECT_EQ(john.take("told").size(), 1U);
}

// What may become of a frame if its reader is slow: told by the types of what somebody is sent.
class Taker final : public Sink {
 public:
  Taker(Stage& stage, const std::string& nickname)
      : stage_(stage), connection_(stage.home().enter([&] {
          return std::make_unique<RoomConnection>(*this, JoinRequest{"general", {nickname, nickname, ++stage.last_member}, 0, true, {}, {}}, stage.world);
        })) {}
  ~Taker() { stage_.home().enter([&] { connection_.reset(); }); }

  void send(const Frame& frame) override { frames[Json::parse(frame.payload())["type"]].push_back(frame.delivery()); }
  void send(const Batch& batch, std::size_t first) override { catch_up(batch.frames(first), {}); }
  void catch_up(std::span<const Frame> all, std::function<void()>) override {
    for (const auto& frame : all) send(frame);
  }
  void probe() override {}
  void close(CloseCode, std::string_view) override {}

  void say(const std::string& type, const Json& content) {
    stage_.home().enter([&] { connection_->on_message(Json{{"type", type}, {"content", content}}.dump(), Opcode::text); });
  }

  std::map<std::string, std::vector<Delivery>> frames;

 private:
  Stage& stage_;
  std::unique_ptr<RoomConnection> connection_;
};

TEST_F(Witnessed, may_lose_on_the_way_to_a_slow_reader_only_what_its_type_allows) {
  Taker john{stage, "john"}, jane{stage, "jane"};
  stage.advance(1s);
  for (auto* person : {&john, &jane}) {
    for (int i = 0; i < 2; ++i) {
      for (const auto* type : {"mark", "fleeting", "newest", "other", "calls", "nobody's"}) person->say(type, i);
    }
    for (const auto* type : {"mark", "fleeting", "newest", "told"}) person->say("mark", {{"post", type}}), person->say("mark", {{"send", type}});
  }
  const auto& all = john.frames;
  for (const auto* type : {"welcome", "error", "mark"}) {
    for (const auto& delivery : all.at(type)) EXPECT_FALSE(delivery.droppable) << type;
  }
  for (const auto* type : {"fleeting", "newest", "other", "system", "users_update"}) {
    for (const auto& delivery : all.at(type)) EXPECT_TRUE(delivery.droppable) << type;
  }
  for (const auto* type : {"fleeting", "system"}) {
    for (const auto& delivery : all.at(type)) EXPECT_EQ(delivery.newest_of, 0U) << type;
  }
  // Twice by john, twice by jane, then posted by each, sent to john: who posts is the room.
  std::set<std::uint64_t> numbers;
  for (const auto* type : {"newest", "other"}) {
    const auto& of = all.at(type);
    EXPECT_EQ(of[0].newest_of, of[1].newest_of);
    EXPECT_NE(of[0].newest_of, 0U);
    std::set<std::uint64_t> its;
    for (const auto& delivery : of) {
      if (delivery.newest_of != 0) its.insert(delivery.newest_of);
    }
    EXPECT_EQ(its.size(), type == std::string{"newest"} ? 3U : 2U) << "john's, jane's and the room's own";
    numbers.merge(its);
  }
  for (const auto& list : all.at("users_update")) numbers.insert(list.newest_of);
  EXPECT_EQ(numbers.size(), 6U) << "none is two things'";
}

struct PluginWithAFarewell : SlowRoom {
  PluginWithAFarewell() : SlowRoom{{{"HUBBUB_PLUGINS__FAREWELL", "{}"}}} {}
};

TEST_F(PluginWithAFarewell, is_not_heard_by_a_room_that_closes) {
  auto john = come("john");
  john->send("note", "kept");
  answer();
  john.reset();
  stage.advance(std::chrono::hours{1});
  answer();
  EXPECT_EQ(stage.world.open_rooms(), 0U);
  john = come("john", JoinRequest::Position{epoch_of(*come("jane")), 0});
  EXPECT_EQ(seqs(*john), Seqs{1});
  EXPECT_EQ(john->count("farewell"), 0U);
}

TEST_F(PluginWithAFarewell, is_not_heard_by_those_who_stay) {
  const auto john = come("john");
  const auto again = std::make_shared<const plugins::Registry>(configured({{"HUBBUB_PLUGINS__FAREWELL", "{}"}, {"HUBBUB_PLUGINS__PROBE", "{}"}}).plugins);
  stage.home().enter([&] { stage.hub.use(again); });
  john->send("note", "after it");
  answer();
  stage.advance(1s);
  answer();
  EXPECT_EQ(seqs(*john), Seqs{1});
  EXPECT_EQ(john->count("farewell"), 0U);
}

TEST_F(PluginWithAFarewell, wakes_no_other_in_its_place) {
  const auto john = come("john");
  const auto without = std::make_shared<const plugins::Registry>(configured({{"HUBBUB_PLUGINS__PROBE", "{}"}}).plugins);
  stage.home().enter([&] { stage.hub.use(without); });
  answer();
  stage.advance(1s);
  answer();
  john->send("note", "still here");
  answer();
  EXPECT_EQ(seqs(*john), Seqs{1});
}

// However many wait, there is an end to it.
struct Waiting : SlowRoom {
  Waiting() : SlowRoom{{{"HUBBUB_WEBSOCKET__RATE__BURST", "1000000"}}} {}

  static constexpr int most = 10'000;
  int refused(Actor& actor) {
    for (int i = 0; i < most + 10; ++i) actor.send("note", 1, i);
    stage.run();
    return static_cast<int>(actor.take("error").size());
  }
};

TEST_F(Waiting, is_bounded_in_messages_that_are_being_committed_or_wait_for_the_room) {
  const auto john = come("john");
  EXPECT_EQ(refused(*john), 10);
  answer(most);
  EXPECT_EQ(john->take("note").size(), std::size_t{most});
  john->send("note", "lost");
  store.fails_to_append = true;
  answer(1);
  store.fails_to_append = false;
  john->take("error");
  EXPECT_EQ(refused(*john), 10) << "while the state is read again";
  answer(3 * most);
  EXPECT_EQ(john->take("note").size(), std::size_t{most});
}

TEST_F(Waiting, is_bounded_while_it_is_looked_up_what_somebody_said_before) {
  const auto john = come("john");
  john->send("note", "once", "r");
  answer();
  const auto back = come_back("john", john->key());
  EXPECT_EQ(refused(*back), 10);
  answer(3 * most);
  EXPECT_EQ(back->take("note").size(), std::size_t{most});
}

TEST_F(Waiting, for_what_somebody_said_before_is_not_for_one_who_is_refused_and_leaves) {
  const auto john = come("john"), bob = come("bob");
  for (auto* actor : {&*john, &*bob}) actor->send("note", "once", "r");
  answer();
  const auto back = come_back("john", john->key()), large = come_back("bob", bob->key());
  answer();
  back->inbox.messages.clear();
  large->send("note", std::string((64 << 20) - sizeof(Json) - Frame::overhead, 'x'), "large");  // as much as may wait
  back->send("note", "twice", "s");
  stage.run();
  EXPECT_EQ(back->take("error").at(0)["code"], "unavailable");
  back->leave();
  answer();
  EXPECT_EQ(seqs(*john), (Seqs{1, 2, 3}));
}

TEST_F(Waiting, is_bounded_in_bytes_of_what_is_sent_again_in_other_words) {
  const auto john = come("john");
  john->send("note", "once", "r");
  answer();
  for (int i = 0; i < 100; ++i) {
    stage.advance(1s);  // for so many bytes
    john->send("note", std::string(1 << 20, 'x'), "r");
  }
  stage.run();
  EXPECT_EQ(john->take("error").size(), 37U) << "beyond 64 MiB";
  answer();
  EXPECT_EQ(john->take("error").size(), 63U);
}

// It would be logged twice.
TEST_F(Waiting, for_what_was_said_once_is_for_one_answer_if_that_is_forgotten_meanwhile) {
  SlowStore short_store{store::Retention{.messages = 1}};
  Stage its_stage{short_store, 1, configured({{"HUBBUB_STORE__SNAPSHOT_EVERY", "1"}})};
  const auto answer = [&](std::size_t calls = 1000) {
    its_stage.run();
    while (calls-- > 0 && its_stage.home().enter([&] { return short_store.answer_one(); })) its_stage.run();
  };
  Actor john{its_stage, "john"}, jane{its_stage, "jane"};
  answer();
  john.send("note", "once", "r");
  answer();
  jane.send("note", "more");
  for (int i = 0; i < 2; ++i) john.send("note", "once", "r");
  its_stage.run();
  answer();
  EXPECT_EQ(seqs(jane), (Seqs{1, 2, 3}));
  EXPECT_EQ(john.count("error"), 0U);

  // The same client at two connections, both of which have waited for the log.
  Actor other{its_stage, "john", 0, {}, "general", john.key()};
  answer();
  other.send("ask", nullptr, "its past is read");
  answer();
  jane.send("note", "more");
  for (auto* connection : {&john, &other}) connection->send("note", "once", "r");
  its_stage.run();
  answer();
  EXPECT_EQ(seqs(jane), (Seqs{4, 5}));
  EXPECT_EQ(john.count("error") + other.count("error"), 0U);

  // And the one learns that it is forgotten only when the message of the other is logged.
  jane.send("note", "more");
  for (auto* connection : {&john, &other}) connection->send("note", "once", "r");
  its_stage.run();
  answer(2);  // jane's message, and what the log has for the first
  short_store.put_off_oldest();
  answer();
  EXPECT_EQ(seqs(jane), (Seqs{6, 7}));
  EXPECT_EQ(seqs(john).back(), 7U);
  EXPECT_EQ(seqs(other).back(), 7U);
}

// Runs on a stack of 512 KiB.
void on_a_small_stack(const std::function<void()>& run) {
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, std::size_t{512} << 10), 0);
  pthread_t thread{};
  const auto start = [](void* task) -> void* { return (*static_cast<const std::function<void()>*>(task))(), nullptr; };
  ASSERT_EQ(pthread_create(&thread, &attributes, start, const_cast<std::function<void()>*>(&run)), 0);
  pthread_join(thread, nullptr);
}

// The log in memory answers at once. So what waits must not be heard while what was before it is being heard.
TEST(MessagesSentAgain, take_the_stack_of_one_however_many_wait) {
  on_a_small_stack([] {
    store::MemoryStore store{{}, 10};
    Stage stage{store, 1, configured({{"HUBBUB_WEBSOCKET__RATE__BURST", "1000000"}, {"HUBBUB_WEBSOCKET__OUTBOX", "64MiB"}})};
    Actor john{stage, "john"};
    const auto key = john.key();
    const std::string epoch = john.take("welcome").at(0)["content"]["epoch"];
    john.send("note", "once", "r");
    for (int i = 0; i < 100; ++i) john.send("note", std::string(10'000, 'x'));
    Actor back{stage, "john", 0, JoinRequest::Position{epoch, 0}, "general", key, false};
    constexpr std::size_t times = 9000;
    for (std::size_t i = 0; i < times; ++i) back.send("note", "once", "r");
    stage.run();
    EXPECT_LT(back.take("note").size(), 101U) << "it is still being told what it has missed";
    while (back.inbox.wanted) {
      stage.home().enter([&] { back.inbox.read_on(); });
      stage.run();
    }
    EXPECT_GE(back.take("note").size(), times);
    EXPECT_EQ(john.take("note").size(), 101U) << "it is logged once";
  });
}

struct Posting : SlowRoom {
  Posting() : SlowRoom{with_witness} {}
};

TEST_F(Posting, is_not_forgotten_when_the_last_member_leaves_a_room_that_cannot_be_opened) {
  auto john = come("john");
  store.fails_to_open = true;
  john->send("mark", {{"post", "mark"}, {"breaks", true}});
  john.reset();
  answer();
  for (int i = 0; i < 3; ++i) stage.advance(1s), answer();
  EXPECT_EQ(stage.world.open_rooms(), 1U);
  store.fails_to_open = false;
  for (int i = 0; i < 3; ++i) stage.advance(1s), answer();
  EXPECT_EQ(stage.world.open_rooms(), 0U);
  EXPECT_EQ(come("john")->take("welcome").at(0)["content"]["seq"], 1) << "it is logged";
}

}  // namespace
}  // namespace hubbub::rooms

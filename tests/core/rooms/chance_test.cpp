// Rooms on several shards over a slow store that fails now and then, with people who come, go, resume and repeat, and plugins
// that are exchanged, as chance has it: what they see is always the log. The seed of a failing round is printed.
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <map>
#include <random>
#include <set>

#include "core/rooms/slow_store.hpp"
#include "core/rooms/stage.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;

// Somebody's view of the room over all of its connections.
struct Person {
  std::string name;
  std::unique_ptr<Actor> connection;
  std::string epoch;
  std::uint64_t position = 0;  // the last seq it has seen
  std::map<std::uint64_t, Json> seen;
  std::set<int> unacknowledged;
  int last_ref = 0;
  bool welcomed = false;
  std::optional<ClientKey> key = {};
};

class Round {
 public:
  explicit Round(unsigned seed) : chance_(seed) {
    for (const auto* name : {"ann", "bob", "eve", "joe"}) people_.push_back({name, {}, {}, 0, {}, {}, 0, false});
  }

  void play() {
    for (int i = 0; i < 400; ++i) {
      step();
      for (auto& person : people_) look(person);
      if (::testing::Test::HasFatalFailure()) return;
    }
    calm_down();
  }

 private:
  bool one_in(unsigned n) { return chance_() % n == 0; }

  void step() {
    auto& person = people_[chance_() % people_.size()];
    switch (chance_() % 12) {
      case 0: person.connection ? leave(person) : come(person); break;
      case 1: store_.fails_to_append = one_in(3); break;
      case 2: store_.fails_to_open = one_in(4); break;
      case 3: store_.fails_to_read = one_in(4), store_.fails_to_recall = one_in(4); break;
      case 4: stage_.advance(one_in(10) ? 40s : 400ms); break;
      case 5: case 6: say(person); break;
      case 7: one_in(2) ? say(person) : blink(person); break;
      case 8: one_in(8) ? reload() : stage_.run(); break;
      case 9: repeat(person); break;
      default: answer(); break;
    }
  }

  void reload() {
    const char* others[] = {"CLAIMS_MESSAGE", "FORGETFUL", "TALLY"};
    stage_.home().enter([&] { stage_.hub.use(probe_and(others[chance_() % std::size(others)])); });
  }

  // Anew each time, so that none outlives its use; the probe has another place in each.
  static std::shared_ptr<const plugins::Registry> probe_and(const char* other) {
    return std::make_shared<const plugins::Registry>(configured({{std::string{"HUBBUB_PLUGINS__"} + other, "{}"}}).plugins);
  }

  void answer() {
    stage_.home().enter([this] { store_.answer_one(); });
    stage_.shards[chance_() % stage_.shards.size()].run_one();
  }

  void come(Person& person) {
    if (person.connection) return;
    std::optional<JoinRequest::Position> since;
    if (!person.epoch.empty() && !one_in(4)) since = {person.epoch, person.position};
    person.welcomed = false;
    person.connection = std::make_unique<Actor>(stage_, person.name, chance_() % stage_.shards.size(), since, "general", person.key);
  }

  void leave(Person& person) {
    look(person);
    person.connection.reset();
  }

  // Not before it has a key, without which it could not repeat that.
  void say(Person& person) {
    look(person);
    if (!person.connection || !person.key) return;
    person.unacknowledged.insert(++person.last_ref);
    person.connection->send("note", person.name + std::to_string(person.last_ref), person.last_ref);
  }

  void blink(Person& person) {
    if (person.connection) person.connection->send("blink", 1);
  }

  void repeat(Person& person) {
    if (!person.connection || person.unacknowledged.empty()) return;
    const int ref = *person.unacknowledged.begin();
    person.connection->send("note", person.name + std::to_string(ref), ref);
  }

  // Takes what has come, and checks that it comes once and in order.
  void look(Person& person) {
    if (!person.connection) return;
    for (auto& inbox = person.connection->inbox.messages; !inbox.empty(); inbox.pop_front()) {
      const auto& message = inbox.front();
      const auto type = message["type"].get<std::string>();
      if (type == "welcome") {
        ASSERT_FALSE(person.welcomed);
        person.welcomed = true;
        const auto& content = message["content"];
        person.epoch = content["epoch"];
        person.key = read_client_key(content["key"].get<std::string>());
        if (!content["recovered"].get<bool>()) person.position = content["seq"];
      } else if (type == "error") {
        ASSERT_EQ(message["code"], "unavailable") << message;
      } else {
        ASSERT_TRUE(person.welcomed) << message;
      }
      if (type == "note") take(person, message);
    }
  }

  void take(Person& person, const Json& note) {
    const std::uint64_t seq = note["seq"];
    const bool own = note["id"] == person.name;
    if (own) person.unacknowledged.erase(note["ref"].get<int>());
    if (own && seq <= person.position) return;  // the answer to a repetition
    ASSERT_EQ(seq, person.position + 1) << person.name;
    person.position = seq;
    person.seen[seq] = note;
  }

  // The store works again; everybody comes, and repeats what was not acknowledged until it is.
  void calm_down() {
    store_.fails_to_append = store_.fails_to_open = store_.fails_to_read = store_.fails_to_recall = false;
    for (int i = 0; i < 20; ++i) {
      for (auto& person : people_) {
        come(person);
        settle();
        for (const int ref : std::set{person.unacknowledged}) {
          person.connection->send("note", person.name + std::to_string(ref), ref);
        }
        settle();
        look(person);
      }
    }
    check();
  }

  void settle() {
    for (int i = 0; i < 3; ++i) {
      stage_.advance(1s);
      do stage_.run();
      while (stage_.home().enter([this] { return store_.answer_one(); }));
    }
  }

  void check() {
    Actor observer{stage_, "observer", 0, JoinRequest::Position{people_[0].epoch, 0}};
    settle();
    std::map<std::uint64_t, Json> log;
    std::multiset<std::string> said;
    for (const auto& note : observer.take("note")) {
      log[note["seq"]] = note;
      said.insert(note["content"].get<std::string>());
    }
    Json state = Json::array();
    for (const auto& [seq, note] : log) state.push_back(note["content"]);
    Actor newcomer{stage_, "newcomer", 1};
    settle();
    ASSERT_EQ(newcomer.take("answer").at(0)["content"], state);
    for (auto& person : people_) {
      look(person);
      ASSERT_EQ(person.position, log.size()) << person.name;
      ASSERT_TRUE(person.unacknowledged.empty()) << person.name;
      for (const auto& [seq, note] : person.seen) ASSERT_EQ(note, log[seq]);
      for (int ref = 1; ref <= person.last_ref; ++ref) ASSERT_EQ(said.count(person.name + std::to_string(ref)), 1U);
    }
  }

  std::minstd_rand chance_;
  SlowStore store_;
  Stage stage_{store_, 3};
  std::vector<Person> people_;
};

TEST(RoomByChance, shows_everybody_the_log_each_message_once_and_in_order) {
  spdlog::set_level(spdlog::level::off);
  for (unsigned seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Round{seed}.play();
    if (::testing::Test::HasFatalFailure()) break;
  }
  spdlog::set_level(spdlog::level::info);
}

}  // namespace
}  // namespace hubbub::rooms

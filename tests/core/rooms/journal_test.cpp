#include "rooms/journal.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/rooms/slow_store.hpp"

namespace hubbub::rooms {
namespace {

// A journal over a store that answers when the test says so, or at once. What comes out of it is noted.
template <class Store>
class JournalOver : public ::testing::Test, private Turn::Owner, private Journal::Owner {
 protected:
  JournalOver() { journal.begin({"epoch", 0, {}}, 0); }

  void append(const std::string& text, const std::string& ref = {}, std::uint64_t number = 0, bool snapshot_now = false) {
    folded = text;
    turn([&] {
      journal.append({journal.next(), 0, "plugin", "1", {1, number, 7}, Frame::copy(text)}, {{1}, ref}, 1000, snapshot_now);
    });
  }
  Order::Step step(const std::string& name) {
    return [this, name](bool holds) { out += name + (holds ? " " : "! "); };
  }
  std::string taken() { return std::exchange(out, {}); }
  std::optional<store::Snapshot> kept() {
    std::optional<store::Snapshot> snapshot;
    journal.log().open([&](std::optional<store::Opening> opening) { snapshot = opening->snapshot; });
    this->answer();
    return snapshot;
  }
  void answer(std::size_t calls = 1000) {
    if constexpr (requires { store.answer_one(); }) {
      while (calls-- > 0 && store.answer_one()) {
      }
    }
  }

  void let_out(Frame frame, const Asker&, std::uint64_t) override { out += std::string{frame.payload()} + " "; }
  void refuse_unavailable(const Asker& asker) override { out += "no " + asker.ref + " "; }
  void reopen() override { out += "void "; }
  std::optional<std::string> state() override { return tells_state ? std::optional{folded} : std::nullopt; }
  void end_turn() override {}
  void doubt(const char* why) override { out += std::string{why} + " "; }

  static Store made() {
    if constexpr (std::is_same_v<Store, store::MemoryStore>) return Store{{}, 10};
    else return Store{};
  }

  Store store = made();
  Turn turn{*this};
  Journal journal{store.log("general", {}), 3, turn, *this};
  std::string out, folded;
  bool tells_state = true;
};

using Journals = JournalOver<SlowStore>;
using JournalsInMemory = JournalOver<store::MemoryStore>;

TEST_F(Journals, let_out_what_is_committed_and_all_that_rests_on_it_in_one_order) {
  append("a");
  journal.then(step("answer"));
  append("b");
  EXPECT_EQ(journal.last(), 2U);
  EXPECT_EQ(journal.committed(), 0U);
  EXPECT_EQ(taken(), "");
  answer(1);
  EXPECT_EQ(taken(), "a answer ");
  EXPECT_EQ(journal.committed(), 1U);
  EXPECT_FALSE(journal.is_empty());
  answer(1);
  EXPECT_EQ(taken(), "b ");
  EXPECT_TRUE(journal.is_empty());
}

// One path for both: what a store that answers at once has taken is out when append() returns.
TEST_F(JournalsInMemory, let_out_at_once_what_is_committed_at_once) {
  append("a");
  EXPECT_EQ(taken(), "a ");
  journal.then([this](bool) {
    append("from within a step");
    journal.then(step("behind it"));
    out += "step ";
  });
  EXPECT_EQ(taken(), "step from within a step behind it ");
  EXPECT_TRUE(journal.is_empty());
}

TEST_F(Journals, tell_that_the_state_is_void_before_whoever_asked_for_what_rests_on_it) {
  append("a", "first");
  append("b", "second");
  journal.then(step("answer"));
  store.fails_to_append = true;
  answer(1);
  EXPECT_EQ(taken(), "void no first ");
  answer(1);
  EXPECT_EQ(taken(), "void no second answer! ");
  EXPECT_EQ(journal.committed(), 0U);
}

TEST_F(Journals, know_a_ref_for_as_long_as_its_message_is_being_committed) {
  append("a", "r", 5);
  EXPECT_EQ(journal.committing(5), 7U);
  EXPECT_FALSE(journal.committing(6));
  answer();
  EXPECT_FALSE(journal.committing(5));
  append("b", "r", 5);
  store.fails_to_append = true;
  answer();
  EXPECT_FALSE(journal.committing(5)) << "and may be sent again";
}

TEST_F(Journals, read_in_their_turn) {
  append("a");
  append("b");
  answer(2);
  taken();
  append("c");
  const auto take = [this](const store::Reading& reading, bool holds) {
    for (const auto& record : reading.records) out += "read " + std::string{record.frame.payload()} + " ";
    step("done")(holds);
  };
  journal.then_read(1, 3, take);
  journal.then(step("behind it"));
  answer(1);
  EXPECT_EQ(taken(), "c ");
  answer(1);
  EXPECT_EQ(taken(), "read b read c done behind it ");
  journal.then_read(3, 3, take);
  EXPECT_EQ(taken(), "done ") << "there is nothing to read";
}

TEST_F(Journals, keep_a_snapshot_after_so_many_messages_once_the_last_of_them_is_committed) {
  store.when_put = [this] { out += "kept "; };
  for (const auto* text : {"a", "b", "c", "d"}) append(text);
  answer(2);
  EXPECT_EQ(taken(), "a b ");
  answer();
  EXPECT_EQ(taken(), "c kept d ");
  EXPECT_EQ(kept()->seq, 3U);
  EXPECT_EQ(kept()->state, "c");
}

TEST_F(JournalsInMemory, keep_a_snapshot_at_once_if_told_so_or_if_much_is_logged) {
  append("a", {}, 0, true);
  EXPECT_EQ(kept()->seq, 1U);
  append(std::string(1000, 'x'));
  EXPECT_EQ(kept()->seq, 2U);
  append("b");
  EXPECT_EQ(kept()->seq, 2U);
  journal.keep_state();
  EXPECT_EQ(kept()->seq, 3U);
}

TEST_F(JournalsInMemory, ask_for_a_state_that_is_not_told_after_twice_as_many_messages) {
  tells_state = false;
  for (int i = 0; i < 3; ++i) append("a");
  tells_state = true;
  for (int i = 0; i < 5; ++i) append("b");
  EXPECT_FALSE(kept());
  append("c");
  EXPECT_EQ(kept()->seq, 9U);
}

TEST_F(Journals, outlive_a_log_that_throws) {
  append("a", "first");
  store.throws = true;
  append("b", "second");
  EXPECT_EQ(taken(), "void the store was told to throw ");
  store.throws = false;
  answer();
  EXPECT_EQ(taken(), "a no second ");
}

}  // namespace
}  // namespace hubbub::rooms

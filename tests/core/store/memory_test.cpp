#include "store/memory.hpp"

#include <gtest/gtest.h>

namespace hubbub::store {
namespace {

Record record(std::uint64_t seq, std::string ref = {}, std::string sender = "john", std::size_t size = 100) {
  return {seq, "probe", "1.0", std::move(sender), std::move(ref), Frame::copy(std::string(size, 'x'))};
}

Append append(Log& log, Record entry) {
  std::optional<Append> answer;
  log.append(std::move(entry), [&](Append result) { answer = result; });
  return answer.value();
}

void fill(Log& log, std::uint64_t first, std::uint64_t last) {
  for (auto seq = first; seq <= last; ++seq) ASSERT_EQ(append(log, record(seq, std::to_string(seq))), Append::committed);
}

Opening open(Log& log) {
  std::optional<Opening> answer;
  log.open([&](std::optional<Opening> opening) { answer = std::move(opening); });
  return answer.value();
}

Reading read(Log& log, std::uint64_t after, std::uint64_t through) {
  std::optional<Reading> answer;
  log.read(after, through, [&](Reading reading) { answer = std::move(reading); });
  return answer.value();
}

// The seqs that are read, or nothing where the log does not reach back that far.
std::optional<std::vector<std::uint64_t>> seqs(Log& log, std::uint64_t after, std::uint64_t through) {
  const auto reading = read(log, after, through);
  if (reading.result != Reading::Result::whole) return {};
  std::vector<std::uint64_t> all;
  for (const auto& entry : reading.records) all.push_back(entry.seq);
  return all;
}

using Seqs = std::vector<std::uint64_t>;

class MemoryLog : public testing::Test {
 protected:
  MemoryStore store{{5, 100'000}, 10};
  std::shared_ptr<Log> log = store.log("general");
};

TEST_F(MemoryLog, begins_empty) {
  const auto opening = open(*log);
  EXPECT_EQ(opening.last, 0U);
  EXPECT_FALSE(opening.epoch.empty());
  EXPECT_FALSE(opening.snapshot);
  EXPECT_EQ(seqs(*log, 0, 0), Seqs{});
}

TEST_F(MemoryLog, reads_what_was_appended_in_order) {
  fill(*log, 1, 4);
  EXPECT_EQ(open(*log).last, 4U);
  EXPECT_EQ(seqs(*log, 0, 4), (Seqs{1, 2, 3, 4}));
  EXPECT_EQ(seqs(*log, 1, 3), (Seqs{2, 3}));
  EXPECT_EQ(seqs(*log, 4, 4), Seqs{});
  const auto entry = read(*log, 2, 3).records.at(0);
  EXPECT_EQ(entry.plugin, "probe");
  EXPECT_EQ(entry.version, "1.0");
  EXPECT_EQ(entry.sender, "john");
  EXPECT_EQ(entry.ref, "3");
  EXPECT_EQ(entry.frame.payload(), std::string(100, 'x'));
}

TEST_F(MemoryLog, refuses_what_does_not_follow_the_last_entry_and_stays_as_it_was) {
  EXPECT_EQ(append(*log, record(0)), Append::unavailable);
  EXPECT_EQ(append(*log, record(2)), Append::unavailable);
  fill(*log, 1, 2);
  for (const std::uint64_t seq : {1U, 2U, 4U}) EXPECT_EQ(append(*log, record(seq, "\"x\"")), Append::unavailable);
  EXPECT_EQ(open(*log).last, 2U);
  EXPECT_FALSE(log->find("john", "\"x\""));
  fill(*log, 3, 3);
}

TEST_F(MemoryLog, keeps_everything_that_no_snapshot_covers) {
  fill(*log, 1, 20);
  EXPECT_EQ(seqs(*log, 0, 20)->size(), 20U);
}

TEST_F(MemoryLog, keeps_the_newest_messages_behind_a_snapshot) {
  fill(*log, 1, 20);
  log->put({20, "state"});
  EXPECT_EQ(seqs(*log, 15, 20), (Seqs{16, 17, 18, 19, 20}));
  EXPECT_FALSE(seqs(*log, 14, 20)) << "whole or not at all";
  fill(*log, 21, 23);
  EXPECT_EQ(seqs(*log, 18, 23)->size(), 5U);
  EXPECT_FALSE(seqs(*log, 17, 23));
}

TEST_F(MemoryLog, forgets_nothing_after_the_newest_snapshot) {
  fill(*log, 1, 10);
  log->put({3, "state"});
  EXPECT_EQ(seqs(*log, 3, 10)->size(), 7U);
  EXPECT_FALSE(seqs(*log, 2, 10));
  fill(*log, 11, 30);
  EXPECT_EQ(seqs(*log, 3, 30)->size(), 27U);
}

TEST_F(MemoryLog, hands_out_the_newest_snapshot) {
  fill(*log, 1, 10);
  log->put({3, "three"});
  log->put({7, "seven"});
  const auto snapshot = open(*log).snapshot;
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->seq, 7U);
  EXPECT_EQ(snapshot->state, "seven");
}

TEST_F(MemoryLog, goes_on_where_all_its_entries_were_trimmed) {
  MemoryStore small{{1000, 150}, 10};  // one message fits
  const auto its = small.log("general");
  for (std::uint64_t seq = 1; seq <= 5; ++seq) {
    ASSERT_EQ(append(*its, record(seq, {}, "john", 200)), Append::committed);
    its->put({seq, "state"});
    EXPECT_EQ(open(*its).last, seq);
    EXPECT_EQ(seqs(*its, seq, seq), Seqs{});
    EXPECT_FALSE(seqs(*its, seq - 1, seq));
  }
}

TEST_F(MemoryLog, keeps_no_more_bytes_than_allowed_behind_a_snapshot) {
  MemoryStore small{{1000, 350}, 10};
  const auto its = small.log("general");
  fill(*its, 1, 10);
  its->put({10, "state"});
  EXPECT_EQ(seqs(*its, 7, 10), (Seqs{8, 9, 10}));
  EXPECT_FALSE(seqs(*its, 6, 10));
}

TEST_F(MemoryLog, does_not_read_what_is_not_there) {
  fill(*log, 1, 3);
  EXPECT_FALSE(seqs(*log, 0, 4));
  EXPECT_FALSE(seqs(*log, 3, 2));
  EXPECT_FALSE(seqs(*log, 7, 9));
}

TEST_F(MemoryLog, finds_a_message_by_who_sent_it_and_its_ref) {
  append(*log, record(1, "\"r\"", "john"));
  append(*log, record(2, "\"r\"", "jane"));
  append(*log, record(3, "5", "john"));
  append(*log, record(4, "\"5\"", "john"));
  append(*log, record(5));
  EXPECT_EQ(log->find("john", "\"r\"")->seq, 1U);
  EXPECT_EQ(log->find("jane", "\"r\"")->seq, 2U);
  EXPECT_EQ(log->find("john", "5")->seq, 3U);
  EXPECT_EQ(log->find("john", "\"5\"")->seq, 4U);
  EXPECT_FALSE(log->find("bob", "\"r\""));
  EXPECT_FALSE(log->find("john", "\"s\""));
  EXPECT_FALSE(log->find("john", ""));
}

TEST_F(MemoryLog, finds_only_what_it_still_holds) {
  fill(*log, 1, 10);
  log->put({10, "state"});
  for (std::uint64_t seq = 1; seq <= 5; ++seq) EXPECT_FALSE(log->find("john", std::to_string(seq))) << seq;
  for (std::uint64_t seq = 6; seq <= 10; ++seq) EXPECT_EQ(log->find("john", std::to_string(seq))->seq, seq);
  EXPECT_EQ(append(*log, record(11, "1")), Append::committed);  // a ref may be used again then
  EXPECT_EQ(log->find("john", "1")->seq, 11U);
}

TEST(MemoryStore, gives_every_room_a_log_and_life_of_its_own) {
  MemoryStore store{{}, 10};
  const auto general = store.log("general");
  const auto other = store.log("other");
  fill(*general, 1, 3);
  EXPECT_EQ(open(*other).last, 0U);
  EXPECT_NE(open(*general).epoch, open(*other).epoch);
  EXPECT_NE(open(*MemoryStore{{}, 10}.log("general")).epoch, open(*general).epoch);
}

// The last position of a room's log, which is then unused again.
std::uint64_t last(MemoryStore& store, const std::string& room) { return open(*store.log(room)).last; }

void use(MemoryStore& store, const std::string& room) { fill(*store.log(room), 1, 1); }

TEST(MemoryStore, keeps_the_log_of_a_room_that_is_closed) {
  MemoryStore store{{}, 1};
  std::string epoch;
  {
    const auto log = store.log("general");
    fill(*log, 1, 3);
    epoch = open(*log).epoch;
  }
  const auto log = store.log("general");
  EXPECT_EQ(open(*log).last, 3U);
  EXPECT_EQ(open(*log).epoch, epoch);
}

TEST(MemoryStore, forgets_the_rooms_that_were_unused_longest) {
  MemoryStore store{{}, 3};
  for (const auto* room : {"a", "b", "c", "d"}) use(store, room);
  EXPECT_EQ(last(store, "d"), 1U);
  EXPECT_EQ(last(store, "c"), 1U);
  EXPECT_EQ(last(store, "b"), 1U);
  EXPECT_EQ(last(store, "a"), 0U);
}

TEST(MemoryStore, counts_as_used_until_a_room_is_left_not_when_it_was_opened) {
  MemoryStore store{{}, 2};
  auto open_for_long = store.log("a");
  fill(*open_for_long, 1, 1);
  use(store, "b");
  use(store, "c");
  open_for_long.reset();
  use(store, "d");
  EXPECT_EQ(last(store, "a"), 1U);
  EXPECT_EQ(last(store, "d"), 1U);
}

TEST(MemoryStore, never_forgets_a_room_that_is_open) {
  MemoryStore store{{}, 1};
  std::vector<std::shared_ptr<Log>> open_rooms;
  for (int i = 0; i < 20; ++i) {
    open_rooms.push_back(store.log("open" + std::to_string(i)));
    fill(*open_rooms.back(), 1, 1);
    use(store, "closed" + std::to_string(i));
  }
  for (int i = 0; i < 20; ++i) EXPECT_EQ(last(store, "open" + std::to_string(i)), 1U);
}

TEST(MemoryStore, keeps_unused_logs_beside_however_many_that_are_open) {
  MemoryStore store{{}, 2};
  std::vector<std::shared_ptr<Log>> open_rooms;
  use(store, "a");
  use(store, "b");
  for (int i = 0; i < 20; ++i) open_rooms.push_back(store.log("open" + std::to_string(i)));
  EXPECT_EQ(last(store, "a"), 1U);
  EXPECT_EQ(last(store, "b"), 1U);
}

}  // namespace
}  // namespace hubbub::store

#include <gtest/gtest.h>

#include <algorithm>

#include "core/store/desk.hpp"
#include "store/memory.hpp"
#include "store/sqlite_store.hpp"

namespace hubbub::store {
namespace {

// The guarantees of every store for its logs.
class AnyLog : public testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<Store> make(Retention retention) {
    if (is_in_memory()) return std::make_unique<MemoryStore>(retention, 10);
    ++stores;
    return of_file(retention);
  }
  static bool is_in_memory() { return GetParam() == std::string{"memory"}; }
  std::unique_ptr<Store> of_file(Retention retention) {
    return std::make_unique<SqliteStore>(SqliteOptions{folder / (std::to_string(stores) + ".db"), Synchronous::normal, retention});
  }

  // Begins with an empty store.
  void start(Retention retention) {
    log.reset();  // a log ends before its store
    store = make(retention);
    log = desk.log(*store, "general");
  }

  // As when a room is closed and opened again.
  void reopen() {
    store->drain();
    log.reset();
    log = desk.log(*store, "general");
  }

  // Likewise, but of a room that has been closed for long: nothing of it is left in memory if it can be in the file.
  void reopen_late(Retention retention) {
    reopen();
    if (is_in_memory()) return;
    log.reset();
    store.reset();
    store = of_file(retention);
    log = desk.log(*store, "general");
  }

  Folder folder;
  int stores = 0;
  Desk desk;
  std::unique_ptr<Store> store = make({5, 100'000});
  std::shared_ptr<Log> log = desk.log(*store, "general");
};

TEST_P(AnyLog, begins_empty) {
  const auto opening = *desk.open(*log);
  EXPECT_EQ(opening.last, 0U);
  EXPECT_FALSE(opening.epoch.empty());
  EXPECT_FALSE(opening.snapshot);
  EXPECT_EQ(desk.seqs(*log, 0, 0), Seqs{});
}

TEST_P(AnyLog, reads_what_was_appended_in_order) {
  desk.fill(*log, 1, 4);
  EXPECT_EQ(desk.open(*log)->last, 4U);
  EXPECT_EQ(desk.seqs(*log, 0, 4), (Seqs{1, 2, 3, 4}));
  EXPECT_EQ(desk.seqs(*log, 1, 3), (Seqs{2, 3}));
  EXPECT_EQ(desk.seqs(*log, 4, 4), Seqs{});
  const auto entry = desk.read(*log, 2, 3).records.at(0);
  EXPECT_EQ(entry.plugin, "probe");
  EXPECT_EQ(entry.version, "1.0");
  EXPECT_EQ(entry.repetition.client, client("john"));
  EXPECT_EQ(entry.repetition.ref, ref_number(client("john"), "3"));
  EXPECT_EQ(entry.repetition.asked, 3U);
  EXPECT_EQ(entry.frame.payload(), std::string(100, 'x'));
}

TEST_P(AnyLog, refuses_an_entry_that_does_not_follow_the_last_one_and_stays_unchanged) {
  EXPECT_EQ(desk.append(*log, record(0)), Append::unavailable);
  EXPECT_EQ(desk.append(*log, record(2)), Append::unavailable);
  desk.fill(*log, 1, 2);
  for (const std::uint64_t seq : {1U, 2U, 4U}) EXPECT_EQ(desk.append(*log, record(seq, "\"x\"")), Append::unavailable);
  EXPECT_EQ(desk.open(*log)->last, 2U);
  EXPECT_FALSE(find(*log, "john", "\"x\""));
  desk.fill(*log, 3, 3);
}

TEST_P(AnyLog, keeps_everything_that_no_snapshot_covers) {
  desk.fill(*log, 1, 20);
  EXPECT_EQ(desk.seqs(*log, 0, 20)->size(), 20U);
}

TEST_P(AnyLog, keeps_the_newest_messages_behind_a_snapshot) {
  desk.fill(*log, 1, 20);
  log->put({20, "state"});
  desk.open(*log);  // which waits for the snapshot, as nothing else does
  EXPECT_EQ(desk.seqs(*log, 15, 20), (Seqs{16, 17, 18, 19, 20}));
  EXPECT_FALSE(desk.seqs(*log, 14, 20)) << "whole or not at all";
  desk.fill(*log, 21, 23);
  EXPECT_EQ(desk.seqs(*log, 15, 23)->size(), 8U) << "until the next snapshot";
  log->put({23, "state"});
  desk.open(*log);
  EXPECT_EQ(desk.seqs(*log, 18, 23)->size(), 5U);
  EXPECT_FALSE(desk.seqs(*log, 17, 23));
}

TEST_P(AnyLog, forgets_nothing_after_the_newest_snapshot) {
  desk.fill(*log, 1, 10);
  log->put({3, "state"});
  desk.open(*log);
  EXPECT_EQ(desk.seqs(*log, 3, 10)->size(), 7U);
  EXPECT_FALSE(desk.seqs(*log, 2, 10));
  desk.fill(*log, 11, 30);
  EXPECT_EQ(desk.seqs(*log, 3, 30)->size(), 27U);
}

TEST_P(AnyLog, hands_out_the_newest_snapshot) {
  desk.fill(*log, 1, 10);
  log->put({3, "three"});
  log->put({7, "seven"});
  const auto snapshot = desk.open(*log)->snapshot;
  ASSERT_TRUE(snapshot);
  EXPECT_EQ(snapshot->seq, 7U);
  EXPECT_EQ(snapshot->state, "seven");
}

TEST_P(AnyLog, continues_after_all_its_entries_were_trimmed) {
  const auto small = make({1000, 150});  // one message fits
  const auto its = desk.log(*small, "general");
  for (std::uint64_t seq = 1; seq <= 5; ++seq) {
    ASSERT_EQ(desk.append(*its, record(seq, {}, "john", 200)), Append::committed);
    its->put({seq, "state"});
    EXPECT_EQ(desk.open(*its)->last, seq);
    EXPECT_EQ(desk.seqs(*its, seq, seq), Seqs{});
    EXPECT_FALSE(desk.seqs(*its, seq - 1, seq));
  }
}

TEST_P(AnyLog, keeps_no_more_bytes_than_allowed_behind_a_snapshot) {
  const auto small = make({1000, 350});
  const auto its = desk.log(*small, "general");
  desk.fill(*its, 1, 10);
  its->put({10, "state"});
  desk.open(*its);
  EXPECT_EQ(desk.seqs(*its, 7, 10), (Seqs{8, 9, 10}));
  EXPECT_FALSE(desk.seqs(*its, 6, 10));
}

TEST_P(AnyLog, keeps_nothing_behind_a_snapshot_that_is_older_than_allowed) {
  const auto young = make({.age = std::chrono::hours{1}});
  const auto its = desk.log(*young, "general");
  for (std::uint64_t seq = 1; seq <= 4; ++seq) {
    auto entry = record(seq);
    if (seq <= 2) entry.ts -= 3'700'000;
    ASSERT_EQ(desk.append(*its, entry), Append::committed);
  }
  its->put({4, "state"});
  desk.open(*its);
  EXPECT_EQ(desk.seqs(*its, 2, 4), (Seqs{3, 4}));
  EXPECT_FALSE(desk.seqs(*its, 1, 4));
}

TEST_P(AnyLog, does_not_read_missing_entries) {
  desk.fill(*log, 1, 3);
  EXPECT_FALSE(desk.seqs(*log, 0, 4));
  EXPECT_FALSE(desk.seqs(*log, 3, 2));
  EXPECT_FALSE(desk.seqs(*log, 7, 9));
}

TEST_P(AnyLog, finds_a_message_by_its_sender_and_ref) {
  desk.append(*log, record(1, "\"r\"", "john"));
  desk.append(*log, record(2, "\"r\"", "jane"));
  desk.append(*log, record(3, "5", "john"));
  desk.append(*log, record(4, "\"5\"", "john"));
  desk.append(*log, record(5));
  EXPECT_EQ(find(*log, "john", "\"r\""), 1U);
  EXPECT_EQ(find(*log, "jane", "\"r\""), 2U);
  EXPECT_EQ(find(*log, "john", "5"), 3U);
  EXPECT_EQ(find(*log, "john", "\"5\""), 4U);
  EXPECT_FALSE(find(*log, "bob", "\"r\""));
  EXPECT_FALSE(find(*log, "john", "\"s\""));
}

TEST_P(AnyLog, finds_messages_from_before_the_log_was_opened_once_their_client_is_recalled) {
  desk.fill(*log, 1, 3);
  reopen();
  EXPECT_EQ(desk.open(*log)->last, 3U);
  desk.fill(*log, 4, 4);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(desk.recall(*log, "john"));
    ASSERT_TRUE(desk.recall(*log, "nobody"));
    EXPECT_EQ(find(*log, "john", "2"), 2U);
    EXPECT_EQ(find(*log, "john", "4"), 4U);
    EXPECT_FALSE(find(*log, "nobody", "2"));
  }
}

TEST_P(AnyLog, recalls_a_client_for_all_who_ask_at_the_same_time) {
  desk.fill(*log, 1, 3);
  reopen();
  desk.open(*log);
  int answers = 0;
  for (int i = 0; i < 5; ++i) {
    log->recall(client("john"), [&](bool could) {
      EXPECT_TRUE(could);
      EXPECT_EQ(find(*log, "john", "3"), 3U);
      ++answers;
    });
  }
  desk.wait_until([&] { return answers == 5; });
}

TEST_P(AnyLog, finds_messages_of_a_few_clients_among_many_at_any_place) {
  constexpr Retention retention{2000, 100'000'000};
  start(retention);
  const auto mine = std::vector<std::uint64_t>{1, 2, 511, 512, 513, 1023, 1024, 1400, 2200, 2600};
  const auto say = [&](std::uint64_t first, std::uint64_t last) {
    std::uint64_t answers = 0;
    for (auto seq = first; seq <= last; ++seq) {
      const bool is_mine = std::find(mine.begin(), mine.end(), seq) != mine.end();
      log->append(record(seq, std::to_string(seq), is_mine ? "jane" : "john"), [&](Append) { ++answers; });
    }
    desk.wait_until([&] { return answers == last - first + 1; });
  };
  for (const std::uint64_t last : {512U, 1300U, 2610U}) {
    say(desk.open(*log)->last + 1, last);
    reopen_late(retention);
    desk.open(*log);
    ASSERT_TRUE(desk.recall(*log, "jane"));
    for (const auto seq : mine) {
      EXPECT_EQ(find(*log, "jane", std::to_string(seq)), seq <= last ? std::optional{seq} : std::nullopt) << last;
    }
    EXPECT_FALSE(find(*log, "jane", "3"));
  }
  log->put({2610, "{}"});
  desk.open(*log);  // what is asked for later is answered later
  for (const auto seq : mine) EXPECT_EQ(find(*log, "jane", std::to_string(seq)).has_value(), seq > 610) << seq;
  reopen_late(retention);
  desk.open(*log);
  ASSERT_TRUE(desk.recall(*log, "jane"));
  for (const auto seq : mine) EXPECT_EQ(find(*log, "jane", std::to_string(seq)).has_value(), seq > 610) << seq << " once it is opened again";
}

// Each message is the only one of its client. Places include both ends of the groups of 512 messages that are indexed together.
TEST_P(AnyLog, finds_a_clients_only_message_at_any_place_after_reopening) {
  constexpr Retention retention{10'000, 100'000'000};
  start(retention);
  std::uint64_t answers = 0;
  constexpr std::uint64_t last = 1600;
  for (std::uint64_t seq = 1; seq <= last; ++seq) {
    const auto text = std::to_string(seq);
    log->append(record(seq, seq % 7 == 0 ? "" : text, "client " + text), [&](Append) { ++answers; });
  }
  desk.wait_until([&] { return answers == last; });
  reopen_late(retention);
  desk.open(*log);
  for (const std::uint64_t seq : {1U, 2U, 510U, 511U, 512U, 513U, 767U, 1022U, 1023U, 1024U, 1025U, 1535U, 1536U, 1537U, 1599U, 1600U}) {
    const auto text = std::to_string(seq), its = "client " + text;
    ASSERT_TRUE(desk.recall(*log, its));
    EXPECT_EQ(find(*log, its, text), seq % 7 == 0 ? std::nullopt : std::optional{seq});
    EXPECT_FALSE(find(*log, its, "another"));
  }
}

TEST_P(AnyLog, finds_only_messages_that_it_still_has) {
  desk.fill(*log, 1, 10);
  log->put({10, "state"});
  desk.open(*log);  // what is asked for later is answered later
  for (std::uint64_t seq = 1; seq <= 5; ++seq) EXPECT_FALSE(find(*log, "john", std::to_string(seq))) << seq;
  for (std::uint64_t seq = 6; seq <= 10; ++seq) EXPECT_EQ(find(*log, "john", std::to_string(seq)), seq);
  EXPECT_EQ(desk.append(*log, record(11, "1")), Append::committed);  // a ref may be used again then
  EXPECT_EQ(find(*log, "john", "1"), 11U);
}

TEST_P(AnyLog, finds_its_oldest_message_however_many_it_has_forgotten) {
  start({1000, 100'000'000});
  int committed = 0;
  for (std::uint64_t seq = 1; seq <= 2000; ++seq) log->append(record(seq, std::to_string(seq)), [&](Append) { ++committed; });
  desk.wait_until([&] { return committed == 2000; });
  log->put({2000, "{}"});
  desk.open(*log);  // what is asked for later is answered later
  EXPECT_FALSE(find(*log, "john", "1000"));
  EXPECT_EQ(find(*log, "john", "1001"), 1001U);
}

TEST_P(AnyLog, reads_messages_that_were_handed_over_before) {
  int answers = 0;
  for (std::uint64_t seq = 1; seq <= 1000; ++seq) {
    log->append(record(seq), [](Append) {});
    if (seq % 100 != 0) continue;
    log->read(0, seq, [&, seq](const Reading& reading) {
      EXPECT_EQ(reading.records.size(), seq);
      ++answers;
    });
  }
  desk.wait_until([&] { return answers == 10; });
}

TEST_P(AnyLog, reads_a_long_log_whole_beside_others) {
  const auto other = desk.log(*store, "other");
  std::vector<std::string> answered;
  for (std::uint64_t seq = 1; seq <= 2000; ++seq) log->append(record(seq, {}, {}, 1000), [](Append) {});
  log->read(0, 2000, [&](const Reading& reading) {
    ASSERT_EQ(reading.records.size(), 2000U);
    for (std::size_t i = 0; i < 2000; ++i) EXPECT_EQ(reading.records[i].seq, i + 1);
    answered.push_back("long");
  });
  other->append(record(1), [](Append) {});
  other->read(0, 1, [&](const Reading& reading) {
    EXPECT_EQ(reading.records.size(), 1U);
    answered.push_back("short");
  });
  desk.wait_until([&] { return answered.size() == 2; });
}

TEST_P(AnyLog, answers_in_the_order_in_which_it_is_asked) {
  start({10'000, 100'000'000});
  std::vector<int> appended, asked;
  const auto next = [](std::vector<int>& answers) { return [&answers, i = 0]() mutable { return [&answers, n = i++] { answers.push_back(n); }; }; };
  auto append = next(appended), ask = next(asked);
  std::uint64_t last = 0;
  for (int i = 0; i < 50; ++i) {
    for (int n = 0; n < 20; ++n) log->append(record(++last, {}, {}, 1000), [done = append()](Append) { done(); });
    log->read(0, last, [done = ask()](const Reading&) { done(); });
    log->open([done = ask()](const auto&) { done(); });
    log->read(last - 1, last, [done = ask()](const Reading&) { done(); });
  }
  desk.wait_until([&] { return appended.size() == 1000 && asked.size() == 150; });
  EXPECT_TRUE(std::ranges::is_sorted(appended));
  EXPECT_TRUE(std::ranges::is_sorted(asked));
}

TEST_P(AnyLog, reads_no_more_than_requested_but_at_least_one_message) {
  start({10'000, 100'000'000});
  for (std::uint64_t seq = 1; seq <= 1000; ++seq) log->append(record(seq, {}, {}, seq == 500 ? 100'000 : 1000), [](Append) {});
  const auto weight = record(1, {}, {}, 1000).frame.weight();
  const auto read = [&](std::uint64_t after, std::uint64_t through, std::size_t most) {
    Seqs seqs;
    const auto reading = desk.ask<Reading>([&](auto done) { log->read(after, through, done, {}, most); });
    EXPECT_EQ(reading.result, Reading::Result::whole);
    for (const auto& entry : reading.records) seqs.push_back(entry.seq);
    return seqs;
  };
  EXPECT_EQ(read(10, 20, 3 * weight), (Seqs{11, 12, 13}));
  EXPECT_EQ(read(10, 20, 3 * weight - 1), (Seqs{11, 12}));
  EXPECT_EQ(read(10, 12, 3 * weight), (Seqs{11, 12}));
  EXPECT_EQ(read(10, 20, 1), Seqs{11});
  EXPECT_EQ(read(499, 510, weight), Seqs{500}) << "however large it is";
  EXPECT_EQ(read(498, 510, 10 * weight), Seqs{499});
  EXPECT_EQ(read(0, 1000, 400 * weight).size(), 400U) << "more than one turn of the reader's";
  EXPECT_EQ(read(0, 400, 400 * weight).size(), 400U);
}

TEST_P(AnyLog, finishes_its_requests_after_its_owner_has_released_it) {
  desk.fill(*log, 1, 10);
  int answers = 0;
  for (std::uint64_t seq = 11; seq <= 100; ++seq) log->append(record(seq), [&](Append result) { answers += result == Append::committed ? 1 : 0; });
  log->put({10, "state"});
  log->read(98, 100, [&](const Reading& reading) { answers += static_cast<int>(reading.records.size()); });
  reopen();
  EXPECT_EQ(desk.open(*log)->last, 100U);
  desk.wait_until([&] { return answers == 92; });
  EXPECT_EQ(desk.open(*log)->snapshot->seq, 10U);
  EXPECT_EQ(desk.append(*log, record(101)), Append::committed);
}

// The new log sees writes that the old one has left under way.
TEST_P(AnyLog, continues_after_reopening_while_the_last_message_is_still_being_written) {
  for (std::uint64_t round = 0; round < 20; ++round) {
    for (std::uint64_t i = 1; i <= 10; ++i) log->append(record(10 * round + i, std::to_string(10 * round + i)), [](Append) {});
    log.reset();
    log = desk.log(*store, "general");
    ASSERT_EQ(desk.open(*log)->last, 10 * round + 10);
    ASSERT_TRUE(desk.recall(*log, "john"));
    ASSERT_EQ(find(*log, "john", std::to_string(10 * round + 10)), 10 * round + 10);
  }
}

TEST_P(AnyLog, keeps_the_logs_of_rooms_apart) {
  const auto general = desk.log(*store, "general");
  const auto other = desk.log(*store, "other");
  desk.fill(*general, 1, 3);
  EXPECT_EQ(desk.open(*other)->last, 0U);
  EXPECT_NE(desk.open(*general)->epoch, desk.open(*other)->epoch);
  const auto another = make({});
  EXPECT_NE(desk.open(*desk.log(*another, "general"))->epoch, desk.open(*general)->epoch);
}


INSTANTIATE_TEST_SUITE_P(Store, AnyLog, testing::Values("memory", "sqlite"), [](const auto& store) { return store.param; });

}  // namespace
}  // namespace hubbub::store

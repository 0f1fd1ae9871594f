#include "store/sqlite_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sqlite3.h>
#include <sys/fsuid.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <deque>
#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <map>
#include <mutex>
#include <semaphore>
#include <sstream>
#include <thread>
#include <utility>

#include "core/log_lines.hpp"
#include "core/store/desk.hpp"
#include "runtime/io_shard.hpp"
#include "store/database_file.hpp"
#include "store/sqlite.hpp"
#include "store/transfer.hpp"

namespace {

std::atomic<int> commits_synced = 0;

}  // namespace

// Stands for the system's.
extern "C" int fdatasync(int descriptor) {
  std::error_code error;
  const auto file = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor), error);
  if (file.string().find("-commits-") != std::string::npos) ++commits_synced;
  return ::fsync(descriptor);
}

namespace hubbub::store {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class SqliteStoreTest : public testing::Test {
 protected:
  static std::unique_ptr<SqliteStore> start_on(const std::filesystem::path& file, Synchronous synchronous = Synchronous::normal) {
    return std::make_unique<SqliteStore>(SqliteOptions{file, synchronous, {}});
  }
  std::unique_ptr<SqliteStore> start(Synchronous synchronous = Synchronous::normal) { return start_on(file, synchronous); }

  // The reason why the store does not start.
  std::string refusal() { return refusal_of(file); }
  static std::string refusal_of(const std::filesystem::path& file) {
    try {
      start_on(file);
      return "it starts";
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  }

  std::string bytes() const {
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
  }

  void write(const std::string& content) { std::ofstream{file, std::ios::binary} << content; }

  Folder folder;
  std::filesystem::path file = folder / "rooms.db";
  Desk desk;
};

TEST_F(SqliteStoreTest, refuses_messages_beyond_its_size_until_there_is_space_again) {
  const SqliteOptions options{file, Synchronous::normal, {.messages = 5}, 1U << 20U};
  std::uint64_t last = 0;
  for (int start = 0; start < 2; ++start) {
    SqliteStore store{options};
    const auto log = desk.log(store, "general");
    EXPECT_EQ(desk.open(*log)->last, last);
    const auto fill = [&] {
      while (last < 10'000) {
        const Record record{last + 1, 0, "", "", {}, Frame::copy(std::string(4000, 'x'))};
        if (desk.append(*log, record) != Append::committed) return;
        ++last;
      }
    };
    fill();
    EXPECT_GT(last, 100U);
    EXPECT_LT(last, 600U) << "of 4 KB each, twice in all";
    EXPECT_EQ(desk.seqs(*log, last - 5, last)->size(), 5U) << "what it took is there";
    const auto full_at = last;
    log->put({last, "{}"});
    store.drain();
    fill();
    EXPECT_GT(last, full_at);
  }
  EXPECT_LE(std::filesystem::file_size(file), 1U << 20U);
}

TEST_F(SqliteStoreTest, has_space_again_after_a_restart_with_a_shorter_retention) {
  constexpr int rooms = 20;
  const auto fill = [&](SqliteStore& store) {
    int taken = 0;
    for (bool takes = true; takes;) {
      takes = false;
      for (int i = 0; i < rooms; ++i) {
        const auto log = desk.log(store, std::to_string(i));
        const Record record{desk.open(*log)->last + 1, now_ms(), "", "", {}, Frame::copy(std::string(4000, 'x'))};
        const bool taken_one = desk.append(*log, record) == Append::committed;
        takes = takes || taken_one;
        taken += taken_one ? 1 : 0;
      }
    }
    return taken;
  };
  const auto full = [&](Retention retention) { return SqliteOptions{file, Synchronous::normal, retention, 2U << 20U}; };
  {
    SqliteStore store{full({})};
    EXPECT_GT(fill(store), 200);
    for (int i = 0; i < rooms; ++i) {
      const auto log = desk.log(store, std::to_string(i));
      log->put({desk.open(*log)->last, '"' + std::string(3000, 's') + '"'});  // as a room does when it is left
    }
  }
  {
    SqliteStore store{full({})};
    EXPECT_EQ(fill(store), 0);
    for (int i = 0; i < rooms; ++i) {
      const auto opening = desk.open(*desk.log(store, std::to_string(i)));
      ASSERT_TRUE(opening->snapshot) << "there is room for it in a full file";
      EXPECT_EQ(opening->snapshot->seq, opening->last);
    }
  }
  for (const auto& shorter : {Retention{.messages = 10}, Retention{.bytes = 20'000}}) {
    SqliteStore store{full(shorter)};
    store.drain();
    const auto log = desk.log(store, "0");
    const auto last = desk.open(*log)->last;
    desk.wait_until_so([&] { return desk.append(*log, {last + 1, now_ms(), "", "", {}, Frame::copy("more")}) == Append::committed; });
    EXPECT_GT(fill(store), 50);
    for (int i = 0; i < rooms; ++i) {
      const auto its = desk.log(store, std::to_string(i));
      its->put({desk.open(*its)->last, "{}"});
    }
  }
}

TEST_F(SqliteStoreTest, applies_a_shorter_retention_to_rooms_that_nobody_opens) {
  {
    const auto store = start();
    for (int i = 0; i < 250; ++i) {  // more than one turn
      const auto log = desk.log(*store, std::to_string(i));
      desk.fill(*log, 1, 10);
      if (i % 2 == 0) log->put({8, "{}"});
    }
  }
  SqliteStore store{{file, Synchronous::normal, {.messages = 1}}};
  const auto last = desk.log(store, "248");
  desk.wait_until_so([&] { return !desk.seqs(*last, 7, 10); });
  EXPECT_EQ(desk.seqs(*last, 8, 10), (Seqs{9, 10})) << "no snapshot covers these";
  EXPECT_FALSE(desk.seqs(*desk.log(store, "0"), 7, 10));
  EXPECT_EQ(desk.seqs(*desk.log(store, "1"), 0, 10)->size(), 10U) << "it has no snapshot";
}

// One turn removes ten thousand.
TEST_F(SqliteStoreTest, removes_any_amount_from_one_room_in_one_sweep) {
  constexpr std::uint64_t last = 25'000;
  {
    SqliteStore store{{file, Synchronous::normal, {.messages = last}}};
    const auto log = desk.log(store, "general");
    for (std::uint64_t seq = 1; seq < last; ++seq) log->append(record(seq), [](Append) {});
    ASSERT_EQ(desk.append(*log, record(last)), Append::committed);
    log->put({last, "{}"});
  }
  SqliteStore store{{file, Synchronous::normal, {.messages = 1}}};
  const auto log = desk.log(store, "general");
  desk.wait_until_so([&] { return !desk.seqs(*log, last - 2, last); });
  EXPECT_EQ(desk.seqs(*log, last - 1, last), Seqs{last});
}

TEST_F(SqliteStoreTest, with_full_durability_syncs_each_message_before_acknowledging_it) {
  for (const auto synchronous : {Synchronous::full, Synchronous::normal}) {
    const auto store = start(synchronous);
    const auto log = desk.log(*store, std::to_string(static_cast<int>(synchronous)));
    desk.open(*log);
    desk.fill(*log, 1, 1);
    const int before = commits_synced;
    for (std::uint64_t seq = 2; seq <= 11; ++seq) {
      const int so_far = commits_synced;
      desk.fill(*log, seq, seq);
      EXPECT_EQ(commits_synced > so_far, synchronous == Synchronous::full) << seq;
    }
    EXPECT_EQ(commits_synced - before, synchronous == Synchronous::full ? 10 : 0) << "once a commit";
  }
}

TEST_F(SqliteStoreTest, removes_old_messages_of_rooms_that_nobody_opens_and_does_not_take_the_rest_for_complete) {
  const auto old = [](std::uint64_t seq) {
    auto entry = record(seq, std::to_string(seq));
    entry.ts -= seq <= 5 ? 7'200'000 : 0;
    return entry;
  };
  {
    const auto store = start();
    for (int i = 0; i < 250; ++i) {  // more than one turn
      const auto log = desk.log(*store, std::to_string(i));
      for (std::uint64_t seq = 1; seq <= 8; ++seq) ASSERT_EQ(desk.append(*log, old(seq)), Append::committed);
      if (i % 2 == 0) log->put({8, "{}"});
    }
  }
  SqliteStore store{{file, Synchronous::normal, {.age = std::chrono::hours{1}}}};
  const auto log = desk.log(store, "248");  // open all the time
  ASSERT_EQ(desk.open(*log)->last, 8U);
  desk.wait_until_so([&] { return !desk.seqs(*log, 4, 8); });
  EXPECT_EQ(desk.seqs(*log, 5, 8), (Seqs{6, 7, 8}));
  EXPECT_EQ(desk.append(*log, old(9)), Append::committed);
  EXPECT_EQ(desk.seqs(*log, 5, 9), (Seqs{6, 7, 8, 9}));
  EXPECT_FALSE(desk.seqs(*log, 4, 9));
  log->put({9, "{}"});
  EXPECT_EQ(desk.seqs(*log, 5, 9), (Seqs{6, 7, 8, 9}));
  EXPECT_FALSE(desk.seqs(*desk.log(store, "0"), 4, 8));
  EXPECT_EQ(desk.seqs(*desk.log(store, "1"), 0, 8)->size(), 8U) << "it has no snapshot";
}

// With more rooms than one turn of a sweep checks.
TEST_F(SqliteStoreTest, removes_old_messages_while_it_runs_in_every_room_repeatedly) {
  constexpr std::uint64_t rooms = 150;
  const auto soon_old = [](std::uint64_t seq) {  // in a second
    auto record = store::record(seq);
    record.ts = now_ms() - std::chrono::milliseconds{std::chrono::hours{1}}.count() + 1000;
    return record;
  };
  SqliteStore store{{file, Synchronous::normal, {.age = std::chrono::hours{1}}, 0, std::chrono::milliseconds{50}}};
  std::vector<std::shared_ptr<Log>> logs;
  for (std::uint64_t i = 0; i < rooms; ++i) logs.push_back(desk.log(store, std::to_string(i)));
  for (std::uint64_t seq = 1; seq <= 2; ++seq) {
    std::uint64_t committed = 0;
    for (const auto& log : logs) {
      log->append(soon_old(seq), [&, seq](Append result) {
        committed += result == Append::committed ? 1 : 0;
        log->put({seq, "{}"});
      });
    }
    desk.wait_until([&] { return committed == rooms; });
    for (const auto place : {rooms - 1, std::uint64_t{0}, std::uint64_t{99}, std::uint64_t{100}}) {
      desk.wait_until_so([&] { return !desk.seqs(*logs[place], seq - 1, seq); });
    }
  }
}

TEST_F(SqliteStoreTest, does_not_find_removed_messages_in_an_open_room) {
  SqliteStore store{{file, Synchronous::normal, {.age = std::chrono::hours{1}}, 0, std::chrono::milliseconds{20}}};
  const auto log = desk.log(store, "general");
  desk.open(*log);
  auto soon_old = record(1, "1");  // in a moment, so that no snapshot removes it
  soon_old.ts -= std::chrono::milliseconds{std::chrono::hours{1}}.count() - 300;
  EXPECT_EQ(desk.append(*log, soon_old), Append::committed);
  EXPECT_EQ(find(*log, "john", "1"), 1U);
  log->put({1, "{}"});
  desk.wait_until_so([&] { return !desk.seqs(*log, 0, 1); });
  desk.fill(*log, 2, 2);
  log->put({2, "{}"});
  desk.fill(*log, 3, 3);
  desk.wait_until([&] { return !find(*log, "john", "1"); });
  EXPECT_EQ(find(*log, "john", "2"), 2U);
}

TEST_F(SqliteStoreTest, logs_at_its_end_how_much_it_wrote) {
  const LogLines log_lines;
  start();
  EXPECT_EQ(log_lines.take("closed"), std::vector<std::string>{}) << "nothing";
  {
    const auto store = start();
    desk.fill(*desk.log(*store, "general"), 1, 3);
  }
  EXPECT_EQ(log_lines.take("closed"), std::vector<std::string>{"store=" + file.string() + " closed after 3 writes in 3 transactions, at most 1 in one"});
  {
    const auto store = start();
    const auto log = desk.log(*store, "general");
    int committed = 0;
    for (std::uint64_t seq = 4; seq <= 203; ++seq) log->append(record(seq), [&](Append) { ++committed; });
    desk.wait_until([&] { return committed == 200; });
    desk.fill(*log, 204, 204);
  }
  const auto line = log_lines.take("closed").at(0);
  int writes = 0, transactions = 0, most = 0;
  ASSERT_EQ(std::sscanf(line.c_str() + line.find(" closed"), " closed after %d writes in %d transactions, at most %d in one", &writes, &transactions, &most), 3) << line;
  EXPECT_EQ(writes, 201);
  EXPECT_GE(transactions * most, writes);
  EXPECT_LE(most + transactions - 1, writes);
}

// During its lifetime, no file can be written.
class FullDisk {
 public:
  FullDisk() {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit none{0, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
};

// A file that cannot be read for a while, because somebody has renamed its tables, and a disk that is full for a while.
TEST_F(SqliteStoreTest, logs_each_outage_once_and_its_end_without_being_used) {
  const LogLines log_lines;
  SqliteStore store{{file, Synchronous::normal, {}, 0, std::chrono::minutes{10}, std::chrono::milliseconds{50}}};
  const auto run = [this](const char* sql) { Database{file, Database::Mode::create}.run(sql); };
  const auto log = desk.log(store, "general");
  desk.fill(*log, 1, 1);
  log->put({1, "{}"});  // and so the room is in the file
  EXPECT_TRUE(desk.open(*log)->snapshot);
  const auto name = "store=" + file.string();
  for (int i = 0; i < 3; ++i) {
    run("ALTER TABLE records RENAME TO put_away");
    for (int asked = 0; asked < 3; ++asked) EXPECT_EQ(desk.read(*log, 0, 1).result, Reading::Result::unavailable);
    run("ALTER TABLE put_away RENAME TO records");
    EXPECT_EQ(desk.read(*log, 0, 1).result, Reading::Result::whole);
    const auto said = log_lines.until("can be read again");
    ASSERT_EQ(said.size(), 2U);
    EXPECT_THAT(said[0], StartsWith(name + " cannot be read now, rooms cannot be opened and nobody can resume: "));
    EXPECT_EQ(said[1], name + " can be read again");
  }
  for (std::uint64_t seq = 2; seq < 5; ++seq) {
    EXPECT_EQ(desk.seqs(*log, 0, 1), Seqs{1});
    {
      const FullDisk disk;
      for (int asked = 0; asked < 3; ++asked) EXPECT_EQ(desk.append(*log, record(seq)), Append::unavailable);
    }
    EXPECT_EQ(desk.append(*log, record(seq)), Append::committed);
    const auto said = log_lines.until("can be written again");
    ASSERT_EQ(said.size(), 2U);
    EXPECT_THAT(said[0], StartsWith(name + " cannot be used now, messages are refused as unavailable: "));
    EXPECT_EQ(said[1], name + " can be written again");
  }
}

TEST_F(SqliteStoreTest, knows_its_size_after_a_restart) {
  const auto letters = [](std::uint64_t seq) {  // of two bytes each
    std::string text;
    for (int i = 0; i < 50; ++i) text += "é";
    return Record{seq, now_ms(), "probe", "1", {}, Frame::copy(text)};
  };
  for (const Retention& retention : {Retention{.messages = 5}, Retention{.bytes = 500}, Retention{.messages = 5, .bytes = 500}}) {
    file = folder / (std::to_string(retention.messages) + "-" + std::to_string(retention.bytes));
    std::uint64_t last = 0;
    for (const std::uint64_t more : {10U, 1U, 1U, 7U}) {
      SqliteStore store{{file, Synchronous::normal, retention}};
      const auto log = desk.log(store, "general");
      ASSERT_EQ(desk.open(*log)->last, last);
      if (last != 0) {
        EXPECT_EQ(desk.seqs(*log, last - 5, last)->size(), 5U);
      }
      for (std::uint64_t i = 0; i < more; ++i) ASSERT_EQ(desk.append(*log, letters(++last)), Append::committed);
      log->put({last, "{}"});
      EXPECT_TRUE(desk.open(*log)->snapshot);
      EXPECT_EQ(desk.seqs(*log, last - 5, last), (Seqs{last - 4, last - 3, last - 2, last - 1, last}));
      EXPECT_FALSE(desk.seqs(*log, last - 6, last));
    }
  }
}

TEST_F(SqliteStoreTest, takes_no_more_rooms_and_messages_than_it_can_number) {
  start();
  constexpr std::uint64_t last = (std::uint64_t{1} << 38U) - 1;
  Database{file, Database::Mode::create}.run("INSERT INTO rooms VALUES (1, 'nearly full', 'e', " + std::to_string(last - 1) + ")");
  {
    const auto store = start();
    const auto log = desk.log(*store, "nearly full");
    EXPECT_EQ(desk.open(*log)->last, last - 2);
    EXPECT_EQ(desk.append(*log, record(last - 1)), Append::committed);
    EXPECT_EQ(desk.append(*log, record(last)), Append::committed);
    EXPECT_EQ(desk.append(*log, record(last + 1)), Append::unavailable);
    EXPECT_EQ(desk.seqs(*log, last - 2, last), (Seqs{last - 1, last}));
    EXPECT_EQ(desk.append(*desk.log(*store, "another"), record(1)), Append::committed);
  }
  Database{file, Database::Mode::create}.run("INSERT INTO rooms VALUES ((1 << 25) - 1000002, 'the last but one', 'e', 1)");
  const auto store = start();
  const auto newest = desk.log(*store, "the last");
  EXPECT_EQ(desk.append(*newest, record(1)), Append::committed);
  newest->put({1, "{}"});  // and so the room is in the file
  EXPECT_TRUE(desk.open(*newest)->snapshot);
  EXPECT_FALSE(desk.open(*desk.log(*store, "one too many")));
  EXPECT_EQ(desk.append(*newest, record(2)), Append::committed);
  EXPECT_EQ(desk.seqs(*newest, 0, 2), (Seqs{1, 2}));
}

TEST_F(SqliteStoreTest, keeps_everything_over_a_restart) {
  std::string epoch;
  for (const auto synchronous : {Synchronous::normal, Synchronous::full}) {
    const auto store = start(synchronous);
    const auto log = desk.log(*store, "general");
    const auto opening = desk.open(*log);
    if (epoch.empty()) {
      epoch = opening->epoch;
      desk.fill(*log, 1, 10);
      log->put({7, R"({"probe":[7]})"});
      continue;
    }
    EXPECT_EQ(opening->epoch, epoch);
    EXPECT_EQ(opening->last, 10U);
    EXPECT_EQ(opening->snapshot->seq, 7U);
    EXPECT_EQ(opening->snapshot->state, R"({"probe":[7]})");
    const auto entry = desk.read(*log, 3, 4).records.at(0);
    EXPECT_EQ(entry.plugin + entry.version, "probe1.0");
    EXPECT_EQ(entry.repetition.asked, 4U);
    EXPECT_EQ(entry.frame.payload(), std::string(100, 'x'));
    EXPECT_FALSE(find(*log, "john", "9"));
    ASSERT_TRUE(desk.recall(*log, "john"));
    EXPECT_EQ(find(*log, "john", "9"), 9U);
  }
}

TEST_F(SqliteStoreTest, keeps_no_snapshot_beyond_its_messages) {
  const auto store = start();
  const auto log = desk.log(*store, "general");
  desk.fill(*log, 1, 3);
  log->put({4, "\"of more\""});
  EXPECT_FALSE(desk.open(*log)->snapshot);
  log->put({3, "\"of all\""});
  log->put({4, "\"of more\""});
  EXPECT_EQ(desk.open(*log)->snapshot->state, "\"of all\"");
}

TEST_F(SqliteStoreTest, leaves_no_trace_of_a_room_in_which_nothing_was_logged) {
  {
    const auto store = start();
    const auto log = desk.log(*store, "visited");
    desk.open(*log);
    log->put({0, "{}"});
  }
  EXPECT_EQ((Database{file, Database::Mode::read_only}.number("SELECT count(*) FROM rooms")), 0);
}

TEST_F(SqliteStoreTest, removes_from_the_file_what_is_no_longer_kept) {
  {
    SqliteStore store{{file, Synchronous::normal, {.messages = 5}}};
    const auto log = desk.log(store, "general");
    desk.fill(*log, 1, 100);
    log->put({100, "{}"});
  }
  EXPECT_EQ((Database{file, Database::Mode::read_only}.number("SELECT count(*) FROM records")), 5);
}

TEST_F(SqliteStoreTest, commits_messages_of_many_rooms_at_once_in_each_rooms_order) {
  constexpr int rooms = 20, each = 200;
  {
    const auto store = start();
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([&, t] {
        Desk its;
        int committed = 0;
        std::vector<std::shared_ptr<Log>> logs;
        for (int i = 0; i < rooms; ++i) logs.push_back(its.log(*store, std::to_string(t) + "/" + std::to_string(i)));
        for (std::uint64_t seq = 1; seq <= each; ++seq) {
          for (const auto& log : logs) {
            log->append(record(seq), [&](Append result) { committed += result == Append::committed ? 1 : 0; });
          }
        }
        its.wait_until([&] { return committed == rooms * each; });
      });
    }
    for (auto& thread : threads) thread.join();
  }
  const auto store = start();
  for (int i = 0; i < rooms; ++i) {
    const auto log = desk.log(*store, "1/" + std::to_string(i));
    EXPECT_EQ(desk.seqs(*log, 0, each)->size(), std::size_t{each});
  }
}

TEST_F(SqliteStoreTest, finishes_all_requests_before_it_ends) {
  {
    const auto store = start();
    const auto log = desk.log(*store, "general");
    for (std::uint64_t seq = 1; seq <= 5000; ++seq) log->append(record(seq), [](Append) {});
  }
  const auto store = start();
  EXPECT_EQ(desk.open(*desk.log(*store, "general"))->last, 5000U);
}

TEST_F(SqliteStoreTest, commits_and_reads_messages_while_the_file_is_locked) {
  {
    const auto store = start();
    const auto log = desk.log(*store, "general");
    desk.fill(*log, 1, 2);
    EXPECT_EQ(desk.seqs(*log, 0, 2), (Seqs{1, 2}));
    Database other{file, Database::Mode::create};
    other.run("BEGIN IMMEDIATE");
    desk.fill(*log, 3, 5);
    EXPECT_EQ(desk.seqs(*log, 1, 5), (Seqs{2, 3, 4, 5})) << "reading goes on";
    EXPECT_EQ(desk.seqs(*log, 3, 4), Seqs{4});
    EXPECT_EQ(desk.open(*log)->last, 5U);
    other.run("ROLLBACK");
    EXPECT_EQ(desk.open(*log)->last, 5U);
    other.run("BEGIN IMMEDIATE");
    desk.fill(*log, 6, 7);
    other.run("ROLLBACK");
  }
  const auto store = start();
  EXPECT_EQ(desk.seqs(*desk.log(*store, "general"), 0, 7), (Seqs{1, 2, 3, 4, 5, 6, 7}));
}

TEST_F(SqliteStoreTest, gives_every_answer_even_if_another_throws_and_logs_the_exception) {
  const LogLines log_lines;
  const auto store = start();
  const auto log = desk.log(*store, "general");
  int answers = 0;
  for (std::uint64_t seq = 1; seq <= 10; ++seq) {
    log->append(record(seq), [&, seq](Append result) {
      answers += result == Append::committed ? 1 : 0;
      if (seq % 3 == 1) throw std::runtime_error{"the answer to " + std::to_string(seq) + " is not liked"};
      if (seq % 3 == 2) throw 42;
    });
  }
  desk.wait_until([&] { return answers == 10; });
  EXPECT_EQ(log_lines.take("an answer of the store failed: the answer to ").size(), 4U);
  for (const auto seq : {11U, 12U}) log->append(record(seq), [&](Append) { ++answers; throw 42; });
  desk.wait_until([&] { return answers == 12; });
  EXPECT_EQ(log_lines.take("an answer of the store failed").size(), 2U);
}

// Posting to a room's thread may fail for lack of memory.
TEST_F(SqliteStoreTest, logs_an_answer_that_cannot_be_posted_and_gives_all_others) {
  const LogLines log_lines;
  const auto store = start();
  const auto lost = store->log("two words", [](const auto&) { throw std::runtime_error{"no memory"}; }), log = desk.log(*store, "general");
  lost->append(record(1), [](Append) {});
  store->drain();
  EXPECT_EQ(log_lines.take(""), std::vector<std::string>{"an answer of the store failed: no memory"});
  lost->read(0, 1, [](const Reading&) {});
  desk.fill(*log, 1, 3);
  EXPECT_EQ(desk.seqs(*log, 0, 3), (Seqs{1, 2, 3}));
  store->drain();
  EXPECT_EQ(log_lines.take(""), std::vector<std::string>{"room=\"two words\" an answer of the store is lost: no memory"});
}

// A room whose thread blocks any of the store's threads that brings it an answer, until it is released.
class Busy {
 public:
  explicit Busy(SqliteStore& store)
      : log(store.log("busy", [this](const auto&) {
          holds_.release();
          go_on_.acquire();
        })) {}

  // After `ask` one of the store's threads is blocked.
  void hold(const std::function<void()>& ask) {
    ask();
    holds_.acquire();
  }
  void let_go() { go_on_.release(); }

 private:
  std::binary_semaphore holds_{0}, go_on_{0};

 public:
  const std::shared_ptr<Log> log;
};

TEST_F(SqliteStoreTest, writes_at_most_4096_messages_at_once) {
  const LogLines log_lines;
  constexpr std::uint64_t more = 4097;
  auto store = start();
  Busy busy{*store};
  busy.hold([&] { busy.log->append(record(1), [](Append) {}); });
  const auto log = desk.log(*store, "general");
  std::uint64_t committed = 0;
  for (std::uint64_t seq = 1; seq <= more; ++seq) log->append(record(seq), [&](Append) { ++committed; });
  busy.let_go();
  desk.wait_until([&] { return committed == more; });
  store.reset();
  EXPECT_THAT(log_lines.take("closed").at(0), HasSubstr(" closed after 4097 writes in 2 transactions, at most 4096 in one"));
}

TEST_F(SqliteStoreTest, commits_together_what_a_turn_of_a_shard_appends_and_answers_it_in_one_turn) {
  const LogLines log_lines;
  auto store = start();
  std::promise<int> answered;
  {
    runtime::IoShard shard;
    std::deque<std::shared_ptr<Log>> rooms;
    for (int room = 0; room < 10; ++room) {
      rooms.push_back(store->log(std::to_string(room), [&shard](std::function<void()> task) { shard.post(std::move(task)); }));
    }
    std::size_t opened = 0;
    int count = 0;
    const auto answer = [&](Append) {
      if (++count == 1) shard.post([&] { answered.set_value(count); });  // in the next turn
    };
    const auto append = [&] {
      for (std::uint64_t seq = 1; seq <= 2; ++seq) {
        for (const auto& log : rooms) log->append(record(seq), answer);
      }
    };
    shard.post([&, append] {
      for (const auto& log : rooms) {
        log->open([&, append](const auto&) {
          if (++opened == rooms.size()) shard.post(append);
        });
      }
    });
    shard.start();
    EXPECT_EQ(answered.get_future().get(), 20);
  }
  store.reset();
  EXPECT_THAT(log_lines.take("closed").at(0), HasSubstr(" closed after 20 writes in 1 transactions, at most 20 in one"));
}

TEST_F(SqliteStoreTest, reads_rooms_in_turn_part_by_part_and_serves_each_rooms_requests_in_order) {
  auto store = start();
  const auto much = desk.log(*store, "much"), little = desk.log(*store, "little");
  std::uint64_t committed = 0;
  for (std::uint64_t seq = 1; seq <= 600; ++seq) much->append(record(seq), [&](Append) { ++committed; });
  desk.wait_until([&] { return committed == 600; });
  desk.fill(*little, 1, 1);
  Busy busy{*store};
  busy.hold([&] { busy.log->open([](const auto&) {}); });
  std::string order;
  const auto ask = [&](Log& log, std::uint64_t last, char name) { log.read(0, last, [&order, name](const Reading&) { order += name; }); };
  ask(*much, 600, 'M');
  ask(*much, 1, 'm');
  ask(*little, 1, 'L');
  ask(*little, 1, 'l');
  busy.let_go();
  desk.wait_until([&] { return order.size() == 4; });
  EXPECT_EQ(order, "LlMm") << "a part has 256 messages";
}

TEST_F(SqliteStoreTest, reads_a_room_while_messages_of_others_are_not_written_yet) {
  auto store = start();
  const auto log = desk.log(*store, "general"), other = desk.log(*store, "other");
  desk.fill(*log, 1, 3);
  Busy busy{*store};
  busy.hold([&] { busy.log->append(record(1), [](Append) {}); });
  bool is_written = false;
  other->append(record(1), [&](Append) { is_written = true; });
  EXPECT_EQ(desk.seqs(*log, 0, 3), (Seqs{1, 2, 3}));
  EXPECT_FALSE(is_written);
  busy.let_go();
  desk.wait_until([&] { return is_written; });
}

// During its lifetime, transactions can begin, but can be neither committed nor rolled back.
class NoEnd {
 public:
  NoEnd() {
    denies = true;
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(install));
  }
  ~NoEnd() {
    denies = false;
    sqlite3_cancel_auto_extension(reinterpret_cast<void (*)()>(install));
  }
  NoEnd(const NoEnd&) = delete;
  NoEnd& operator=(const NoEnd&) = delete;

  inline static std::atomic<bool> denies;

 private:
  static int install(sqlite3* database, const char**, const void*) {
    return sqlite3_set_authorizer(database, judge, nullptr);
  }
  static int judge(void*, int action, const char* what, const char*, const char*, const char*) {
    const bool ends = action == SQLITE_TRANSACTION && std::string_view{what} != "BEGIN";
    return ends && denies ? SQLITE_DENY : SQLITE_OK;
  }
};

TEST_F(SqliteStoreTest, keeps_each_message_once_after_transactions_that_could_not_be_rolled_back) {
  std::unique_ptr<SqliteStore> store;
  {
    start();  // the file is created in a transaction, too
    const NoEnd disk;
    store = start();
    const auto log = desk.log(*store, "general");
    for (std::uint64_t seq = 1; seq <= 3; ++seq) {
      EXPECT_EQ(desk.append(*log, record(seq)), Append::committed);
      EXPECT_NE(desk.read(*log, 0, seq).result, Reading::Result::whole);
    }
  }
  const auto log = desk.log(*store, "general");
  EXPECT_EQ(desk.open(*log)->last, 3U);
  EXPECT_EQ(desk.seqs(*log, 0, 3), (Seqs{1, 2, 3}));
}

// What is left of a store after `kill -9`, in a directory of its own.
std::filesystem::path killed(const std::filesystem::path& file, const std::filesystem::path& folder) {
  std::filesystem::create_directory(folder);
  for (const auto& entry : std::filesystem::directory_iterator{file.parent_path()}) {
    if (entry.path().filename().string().starts_with(file.filename().string())) std::filesystem::copy(entry.path(), folder / entry.path().filename());
  }
  return folder / file.filename();
}

TEST_F(SqliteStoreTest, has_after_kill_what_was_committed_whether_it_is_in_the_tables_or_not) {
  const auto store = start();
  const auto log = desk.log(*store, "general"), other = desk.log(*store, "other");
  desk.fill(*log, 1, 5);
  log->put({4, "\"of four\""});
  EXPECT_TRUE(desk.open(*log)->snapshot);
  desk.fill(*log, 6, 8);
  desk.fill(*other, 1, 2);
  const auto left = killed(file, folder / "killed");
  for (int start = 0; start < 2; ++start) {
    const auto again = start_on(left);
    const auto its = desk.log(*again, "general");
    EXPECT_EQ(desk.open(*its)->snapshot->state, "\"of four\"");
    EXPECT_EQ(desk.seqs(*its, 0, 8)->size(), 8U);
    EXPECT_EQ(desk.seqs(*desk.log(*again, "other"), 0, 2), (Seqs{1, 2}));
    ASSERT_TRUE(desk.recall(*its, "john"));
    EXPECT_EQ(find(*its, "john", "8"), 8U);
  }
}

TEST_F(SqliteStoreTest, does_not_touch_what_another_database_has_committed) {
  const auto store = start();
  desk.fill(*desk.log(*store, "general"), 1, 3);
  const auto left = killed(file, folder / "killed");
  std::filesystem::create_directory(folder / "away");
  for (const auto* name : {"rooms.db", "rooms.db-wal", "rooms.db-shm"}) std::filesystem::rename(folder / "killed" / name, folder / "away" / name);
  EXPECT_THAT(refusal_of(left), HasSubstr("rooms.db-commits-1 holds messages of another database than"));
  for (const auto* name : {"rooms.db", "rooms.db-wal", "rooms.db-shm"}) std::filesystem::rename(folder / "away" / name, folder / "killed" / name);
  const auto again = start_on(left);
  EXPECT_EQ(desk.open(*desk.log(*again, "general"))->last, 3U);
}

// As if the database were a backup.
TEST_F(SqliteStoreTest, keeps_files_that_do_not_follow_on_what_it_has) {
  const LogLines log_lines;
  {
    const auto store = start();
    desk.fill(*desk.log(*store, "general"), 1, 3);
  }
  const auto left = killed(file, folder / "killed");
  {
    const auto store = start();
    const auto log = desk.log(*store, "general");
    desk.open(*log);
    desk.fill(*log, 4, 5);
  }
  const auto store = start();
  const auto log = desk.log(*store, "general");
  desk.open(*log);
  desk.fill(*log, 6, 6);
  std::filesystem::copy(file.string() + "-commits-3", left.string() + "-commits-3");
  const auto again = start_on(left);
  EXPECT_EQ(desk.open(*desk.log(*again, "general"))->last, 3U);
  EXPECT_TRUE(std::filesystem::exists(left.string() + "-commits-3.unread"));
  EXPECT_EQ(log_lines.take("part of what was committed last is not in the file").size(), 1U);
}

// As if part of the disk had been lost. What was being written when the process ended is no such part: nobody was told that it is committed.
TEST_F(SqliteStoreTest, keeps_files_that_it_cannot_read_and_tells_that_they_are_there) {
  const LogLines log_lines;
  const auto store = start();
  const auto log = desk.log(*store, "general");
  desk.fill(*log, 1, 3);  // three groups, of about the same size
  const auto exported = [](const std::filesystem::path& of) {
    std::ostringstream out;
    return export_rooms(of, out, {});
  };
  const auto torn = killed(file, folder / "torn");
  std::filesystem::resize_file(torn.string() + "-commits-1", std::filesystem::file_size(torn.string() + "-commits-1") - 1);
  EXPECT_TRUE(exported(torn).is_whole);
  EXPECT_EQ(desk.open(*desk.log(*start_on(torn), "general"))->last, 2U);
  EXPECT_FALSE(std::filesystem::exists(torn.string() + "-commits-1.unread"));

  const auto damaged = killed(file, folder / "damaged");
  {
    std::fstream segment{damaged.string() + "-commits-1", std::ios::in | std::ios::out | std::ios::binary};
    segment.seekp(static_cast<std::streamoff>(std::filesystem::file_size(damaged.string() + "-commits-1") / 2));
    segment << "damaged";
  }
  EXPECT_FALSE(exported(damaged).is_whole);
  for (int start = 0; start < 2; ++start) {
    EXPECT_EQ(desk.open(*desk.log(*start_on(damaged), "general"))->last, 1U);
    EXPECT_TRUE(std::filesystem::exists(damaged.string() + "-commits-1.unread"));
    EXPECT_EQ(log_lines.take("bytes cannot be read").size(), start == 0 ? 1U : 0U);
  }
}

// As if the room's part of the file were damaged.
TEST_F(SqliteStoreTest, goes_on_with_all_other_rooms_if_the_file_does_not_take_one) {
  const LogLines log_lines;
  const auto store = start();
  const auto bad = desk.log(*store, "bad"), good = desk.log(*store, "good");
  for (const auto& log : {bad, good}) {
    desk.fill(*log, 1, 3);
    log->put({3, "{}"});
    desk.open(*log);
  }
  Database{file, Database::Mode::create}.run("CREATE TRIGGER damage BEFORE INSERT ON records WHEN NEW.id >> 38 = (SELECT id FROM rooms WHERE name = 'bad') "
                                             "BEGIN SELECT RAISE(ABORT, 'damaged'); END");
  desk.fill(*bad, 4, 5);
  for (std::uint64_t seq = 4; seq <= 8; ++seq) ASSERT_EQ(desk.append(*good, record(seq, {}, "john", 4U << 20U)), Append::committed);
  log_lines.until("room=bad cannot be written");
  EXPECT_EQ(desk.append(*bad, record(6)), Append::unavailable);
  desk.fill(*good, 9, 9);
  good->put({9, "{}"});
  EXPECT_EQ(desk.open(*good)->snapshot->seq, 9U);
  EXPECT_TRUE(std::filesystem::exists(file.string() + "-commits-1.unread"));
  desk.wait_until_so([&] { return !std::filesystem::exists(file.string() + "-commits-1"); });
  EXPECT_EQ(desk.append(*desk.log(*store, "bad"), record(6)), Append::unavailable) << "also if it is opened again";
  EXPECT_EQ(desk.seqs(*good, 0, 9)->size(), 9U);
}

// The listener takes every descriptor that there is.
TEST_F(SqliteStoreTest, goes_on_without_free_descriptors) {
  const auto store = start();
  const auto log = desk.log(*store, "general");
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  const rlimit few{256, before.rlim_max};
  ::setrlimit(RLIMIT_NOFILE, &few);
  std::vector<int> taken;
  for (int descriptor = ::dup(0); descriptor >= 0; descriptor = ::dup(0)) taken.push_back(descriptor);
  std::uint64_t seq = 1;
  for (; seq < 100 && !std::filesystem::exists(file.string() + "-commits-3"); ++seq) {
    EXPECT_EQ(desk.append(*log, record(seq, {}, "john", 4U << 20U)), Append::committed);
  }
  EXPECT_LT(seq, 100U) << "it began other files";
  for (const auto descriptor : taken) ::close(descriptor);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

TEST_F(SqliteStoreTest, is_the_same_by_whatever_link_it_is_reached) {
  std::filesystem::create_directory(folder / "links");
  const auto link = folder / "links" / "rooms.db";
  std::filesystem::create_symlink("../rooms.db", link);
  {
    const auto store = start_on(link);
    EXPECT_THAT(refusal(), HasSubstr("is in use by another hubbub"));
    desk.fill(*desk.log(*store, "general"), 1, 3);
    std::ostringstream exported;
    EXPECT_EQ(export_rooms(file, exported, {}).rooms, 1U);
  }
  const auto store = start();
  EXPECT_EQ(desk.open(*desk.log(*store, "general"))->last, 3U);
}

TEST_F(SqliteStoreTest, is_used_by_one_server_at_a_time) {
  const auto store = start();
  EXPECT_THAT(refusal(), AllOf(HasSubstr("rooms.db"), HasSubstr("in use by another hubbub")));
}

TEST_F(SqliteStoreTest, makes_the_directory_of_its_file_for_its_owner_alone) {
  file = folder / "some/where/rooms.db";
  start();
  EXPECT_TRUE(std::filesystem::exists(file));
  EXPECT_EQ(std::filesystem::status(file.parent_path()).permissions(), std::filesystem::perms::owner_all);
}

TEST_F(SqliteStoreTest, leaves_an_existing_directory_unchanged_and_makes_its_lock_private) {
  const auto before = std::filesystem::perms{0755};
  std::filesystem::permissions(folder / "", before);
  start();
  EXPECT_EQ(std::filesystem::status(folder / "").permissions(), before);
  EXPECT_EQ(std::filesystem::status(file.string() + ".lock").permissions(), std::filesystem::perms{0600});
}

TEST_F(SqliteStoreTest, says_what_to_do_about_an_impossible_path) {
  file = folder / "";
  EXPECT_THAT(refusal(), HasSubstr("is a directory; name a file in it"));
  std::ofstream{folder / "file"} << "text";
  file = folder / "file/in/rooms.db";
  EXPECT_THAT(refusal(), AllOf(HasSubstr("rooms.db cannot be made: "), HasSubstr("; make its directory, or name another")));
  file = folder / "file/rooms.db";
  EXPECT_THAT(refusal(), AllOf(HasSubstr("rooms.db cannot be "), HasSubstr("; make its directory")));
  file = folder / "empty.db";
  write("");
  try {
    open_database(file, Database::Mode::read_only);
    ADD_FAILURE() << "it is opened";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("empty.db holds no rooms"));
  }
}

TEST_F(SqliteStoreTest, does_not_read_for_a_room_that_is_gone) {
  const auto store = start();
  const auto log = desk.log(*store, "general");
  desk.fill(*log, 1, 3);
  auto here = std::make_shared<int>();
  std::vector<Reading::Result> results;
  const auto read = [&] { log->read(0, 3, [&](const Reading& reading) { results.push_back(reading.result); }, here); };
  read();
  desk.wait_until([&] { return results.size() == 1; });
  log->append(record(4), [](Append) {});
  log->append(record(5), [](Append) {});
  here.reset();
  read();
  desk.wait_until([&] { return results.size() == 2; });
  EXPECT_EQ(results, (std::vector{Reading::Result::whole, Reading::Result::unavailable}));
}

TEST_F(SqliteStoreTest, answers_requests_while_another_room_has_much_to_read) {
  const auto store = start();
  const auto busy = desk.log(*store, "busy"), quiet = desk.log(*store, "quiet");
  int committed = 0;
  for (std::uint64_t seq = 1; seq <= 5000; ++seq) busy->append(record(seq, std::to_string(seq)), [&](Append) { ++committed; });
  desk.wait_until([&] { return committed == 5000; });
  desk.fill(*quiet, 1, 1);
  int read = 0;
  for (int i = 0; i < 30; ++i) busy->read(0, 5000, [&](const Reading&) { ++read; });
  EXPECT_EQ(desk.seqs(*quiet, 0, 1), Seqs{1});
  desk.fill(*quiet, 2, 5);
  EXPECT_LT(read, 30) << "neither reading nor writing waits for all of that";
  desk.wait_until([&] { return read == 30; });
}

TEST_F(SqliteStoreTest, exports_a_room_with_an_unreadable_snapshot_if_its_log_is_complete) {
  const auto exported = [&] {
    std::ostringstream out;
    export_rooms(file, out, {});
    return out.str();
  };
  {
    SqliteStore store{{file, Synchronous::normal, {.messages = 2}}};
    const auto log = desk.log(store, "general");
    desk.fill(*log, 1, 2);
    log->put({2, "no JSON"});
  }
  EXPECT_THAT(exported(), AllOf(HasSubstr("\"seq\":2"), Not(HasSubstr("snapshot"))));
  {
    SqliteStore store{{file, Synchronous::normal, {.messages = 2}}};
    const auto log = desk.log(store, "general");
    desk.fill(*log, 3, 4);
    log->put({4, "no JSON"});
  }
  EXPECT_THROW(
      try { exported(); } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), AllOf(HasSubstr("the snapshot of \"general\""), HasSubstr("does not reach back")));
        throw;
      },
      std::runtime_error);
}

class OldLayout : public SqliteStoreTest, public testing::WithParamInterface<int> {};

TEST_P(OldLayout, is_brought_forward) {
  const auto layouts = std::filesystem::path{HUBBUB_SOURCE_DIR} / "tests/core/store/layouts";
  const auto name = "layout_" + std::to_string(GetParam());
  const auto text = [](const std::filesystem::path& path) {
    std::ifstream stream{path};
    return std::string{std::istreambuf_iterator<char>{stream}, {}};
  };
  const auto exported = [&] {
    std::ostringstream out;
    export_rooms(file, out, {});
    return out.str();
  };
  Database{file, Database::Mode::create}.run(text(layouts / (name + ".sql")));
  const auto before = bytes();
  EXPECT_THROW(
      try { exported(); } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), HasSubstr("written by an older hubbub (layout " + std::to_string(GetParam())));
        throw;
      },
      std::runtime_error);
  EXPECT_EQ(bytes(), before);
  {
    SqliteStore store{{file, Synchronous::normal, {.age = std::chrono::hours{24 * 365 * 1000}}}};
    const auto log = desk.log(store, "design");
    EXPECT_EQ(desk.open(*log)->last, 5U);
    ASSERT_TRUE(desk.recall(*log, "john"));
    EXPECT_FALSE(find(*log, "john", "\"a b\"")) << "by an id alone nobody is known any more";
    desk.fill(*desk.log(store, "trimmed"), 8, 9);
  }
  const auto rooms = text(layouts / "rooms.jsonl");
  EXPECT_THAT(exported(), StartsWith(rooms.substr(0, rooms.rfind("{\"room\":\"trimmed\",\"snapshot"))));
  const auto store = start();
  const auto log = desk.log(*store, "trimmed");
  EXPECT_EQ(desk.open(*log)->last, 9U);
  ASSERT_TRUE(desk.recall(*log, "john"));
  EXPECT_EQ(find(*log, "john", "9"), 9U);
}

INSTANTIATE_TEST_SUITE_P(Store, OldLayout, testing::Values(1, 2, 3));

TEST_F(SqliteStoreTest, refuses_a_file_of_a_newer_version_and_leaves_it) {
  start();
  { Database{file, Database::Mode::create}.run("PRAGMA user_version = 999"); }
  const auto before = bytes();
  EXPECT_THAT(refusal(), HasSubstr("written by a newer hubbub (layout 999"));
  EXPECT_EQ(bytes(), before);
}

TEST_F(SqliteStoreTest, refuses_a_file_that_it_may_not_write_to) {
  start();
  std::filesystem::permissions(file, std::filesystem::perms{0444});
  std::filesystem::permissions(folder / "", std::filesystem::perms::all);
  std::filesystem::remove(file.string() + ".lock");
  const int before = ::setfsuid(65534);  // root may write everywhere; now the test's thread may not
  const auto why = refusal();
  ::setfsuid(static_cast<uid_t>(before));
  EXPECT_THAT(why, AllOf(HasSubstr("rooms.db"), HasSubstr("cannot be written to"), HasSubstr("make it writable")));
}

TEST_F(SqliteStoreTest, refuses_another_programs_database_and_leaves_it) {
  { Database{file, Database::Mode::create}.run("CREATE TABLE things (a)"); }
  const auto before = bytes();
  EXPECT_THAT(refusal(), HasSubstr("is a database, but not hubbub's"));
  EXPECT_EQ(bytes(), before);
}

TEST_F(SqliteStoreTest, refuses_a_file_that_is_no_database_and_leaves_it) {
  const std::string text = "This is a letter. " + std::string(5000, '.');
  write(text);
  EXPECT_THAT(refusal(), HasSubstr("is not a database; name another file"));
  EXPECT_EQ(bytes(), text);
}

TEST_F(SqliteStoreTest, refuses_a_damaged_file_and_leaves_it) {
  {
    const auto store = start();
    desk.fill(*desk.log(*store, "general"), 1, 500);
  }
  auto damaged = bytes();
  ASSERT_GT(damaged.size(), 20'000U);
  for (std::size_t at = 8192; at < 16'384; ++at) damaged[at] = static_cast<char>(at * 31);
  for (const auto& content : {damaged, damaged.substr(0, 12'000)}) {
    write(content);
    EXPECT_THAT(refusal(), AllOf(HasSubstr("damaged"), HasSubstr("Replace it with a backup")));
    EXPECT_EQ(bytes(), content);
  }
}

// By a server, an export, a replay and an import.
TEST_F(SqliteStoreTest, is_refused_by_every_reader_if_any_part_is_damaged) {
  {
    const auto store = start();
    for (int i = 0; i < 40; ++i) {
      const auto log = desk.log(*store, "room " + std::to_string(i) + std::string(50, '.'));
      desk.fill(*log, 1, 2);
      if (i % 3 == 0) log->put({2, "{}"});
    }
  }
  class Nobody final : public RoomReader {
    void begin(const std::string&, const std::string&, std::uint64_t) override {}
    void append(Record) override {}
    void put(const Snapshot&) override {}
  };
  const auto why = [](const std::function<void()>& call) -> std::string {
    try {
      call();
      return "nothing is said";
    } catch (const std::exception& error) {
      return error.what();
    }
  };
  const auto whole = bytes();
  constexpr std::size_t page = 4096;
  ASSERT_GT(whole.size() / page, 6U);
  for (std::size_t place = page; place < whole.size(); place += page) {  // the first page has the mark of a database
    auto damaged = whole;
    for (auto at = place; at < place + page; ++at) damaged[at] = static_cast<char>(at * 31);
    write(damaged);
    std::ostringstream out;
    std::istringstream in{R"({"room":"new","epoch":"e","first":1})"};
    Nobody nobody;
    for (const auto& said : {refusal(), why([&] { export_rooms(file, out, {}); }), why([&] { export_rooms(file, out, "room 1" + std::string(50, '.')); }),
                             why([&] { read_room(file, "room 1" + std::string(50, '.'), nobody); }), why([&] { import_rooms(file, in, "given"); })}) {
      EXPECT_THAT(said, AllOf(StartsWith("store.path: " + file.string() + " is damaged: "), HasSubstr("Replace it with a backup"))) << place / page;
    }
    EXPECT_EQ(out.str(), "") << place / page;
    EXPECT_EQ(bytes(), damaged) << place / page;
  }
}

// A room whose thread blocks until it is released, and with it the thread that writes for all rooms.
TEST_F(SqliteStoreTest, keeps_each_snapshot_that_fits_into_a_full_file) {
  std::promise<void> arrived, go_on;
  std::uint64_t last = 0;
  {
    SqliteStore store{{file, Synchronous::normal, {}, 2U << 20U}};
    std::map<std::string, std::shared_ptr<Log>> logs;
    for (const auto* room : {"a", "large", "b", "c", "larger", "d"}) {
      logs[room] = desk.log(store, room);
      desk.fill(*logs[room], 1, 1);
    }
    const auto filler = desk.log(store, "filler");
    while (desk.append(*filler, record(last + 1, {}, "john", 4000)) == Append::committed) ++last;
    EXPECT_GT(last, 100U);
    const auto gate = store.log("gate", [&, once = true](const std::function<void()>&) mutable {
      if (!std::exchange(once, false)) return;
      arrived.set_value();
      go_on.get_future().wait();
    });
    gate->put({0, "{}"});
    gate->append(record(1), [](Append) {});
    arrived.get_future().wait();
    int refused = 0;
    const auto say_more = [&](const char* room) { logs[room]->append(record(2, {}, "john", 4000), [&](Append result) { refused += result == Append::unavailable ? 1 : 0; }); };
    say_more("d");
    for (const auto& [room, size] : std::vector<std::pair<const char*, std::size_t>>{{"a", 10}, {"large", 500'000}, {"b", 10}, {"larger", 1'000'000}, {"c", 10}, {"d", 10}}) {
      logs[room]->put({1, R"({"x":")" + std::string(size, 'x') + "\"}"});
    }
    say_more("a");
    go_on.set_value();
    desk.wait_until([&] { return refused == 2; });
  }
  SqliteStore store{{file, Synchronous::normal, {}, 2U << 20U}};
  for (const auto* room : {"a", "b", "c", "d"}) EXPECT_TRUE(desk.open(*desk.log(store, room))->snapshot) << room;
  for (const auto* room : {"large", "larger"}) EXPECT_FALSE(desk.open(*desk.log(store, room))->snapshot) << room;
  EXPECT_EQ(desk.open(*desk.log(store, "filler"))->last, last) << "what is committed has the space that it was promised";
}

}  // namespace
}  // namespace hubbub::store

// Both stores keep the same part of a log, for random messages and sizes, whenever a room is closed or the store in a
// file is restarted. Prints the seed of a failing round.
#include <gtest/gtest.h>

#include <random>
#include <spdlog/spdlog.h>
#include <string>

#include "core/store/desk.hpp"
#include "store/memory.hpp"
#include "store/sqlite_store.hpp"

namespace hubbub::store {
namespace {

class Round {
 public:
  Round(unsigned seed, std::filesystem::path file) : chance_(seed), file_(std::move(file)) { restart(); }

  void play() {
    for (int i = 0; i < 40 && !testing::Test::HasFailure(); ++i) {
      switch (chance_() % 10) {
        case 0: reopen(); break;
        case 1: restart(); break;
        case 2: case 3: put(); break;
        default: say(); break;
      }
    }
    put();
  }

 private:
  void restart() {
    written_.reset();
    sqlite_.reset();
    sqlite_ = std::make_unique<SqliteStore>(SqliteOptions{file_, Synchronous::normal, retention_});
    reopen();
  }
  void reopen() {
    written_.reset();
    kept_.reset();
    written_ = desk_.log(*sqlite_, "general");
    kept_ = memory_.log("general", {});
    EXPECT_EQ(desk_.open(*written_)->last, last_);
    EXPECT_EQ(desk_.open(*kept_)->last, last_);
  }

  void say() {
    std::string text;
    for (auto size = chance_() % 40; size > 0; --size) text += chance_() % 2 == 0 ? "x" : "é";
    std::uint64_t number = chance_() % 20;  // used again as soon as it is forgotten, as a room does
    if (find(*kept_, "john", std::to_string(number))) number = 1000 + last_;
    const auto ref = std::to_string(number);
    const auto its = client("john");
    const Record record{last_ + 1, now_ms(), "probe", "1", {its, ref_number(its, ref), last_}, Frame::copy(text)};
    EXPECT_EQ(desk_.append(*written_, record), Append::committed);
    EXPECT_EQ(desk_.append(*kept_, record), Append::committed);
    ++last_;
  }

  // A snapshot of any message since the last one.
  void put() {
    if (last_ == 0) return;
    covered_ += chance_() % (last_ - covered_ + 1);
    for (auto* log : {&*written_, &*kept_}) log->put({covered_, std::to_string(covered_)});
    compare();
  }

  void compare() {
    const auto written = *desk_.open(*written_), kept = *desk_.open(*kept_);
    EXPECT_EQ(written.last, last_);
    EXPECT_EQ(kept.last, last_);
    EXPECT_EQ(written.snapshot->seq, covered_);
    EXPECT_EQ(written.snapshot->state, kept.snapshot->state);
    for (std::uint64_t after = 0; after <= last_; ++after) {
      const auto one = desk_.read(*written_, after, last_), other = desk_.read(*kept_, after, last_);
      ASSERT_EQ(one.result, other.result) << after << " of " << last_;
      ASSERT_EQ(one.records.size(), other.records.size()) << after << " of " << last_;
      for (std::size_t i = 0; i < one.records.size(); ++i) ASSERT_EQ(one.records[i].frame.payload(), other.records[i].frame.payload());
    }
    EXPECT_TRUE(desk_.recall(*written_, "john"));
    for (int ref = 0; ref < 20; ++ref) EXPECT_EQ(find(*written_, "john", std::to_string(ref)), find(*kept_, "john", std::to_string(ref))) << ref;
  }

  std::minstd_rand chance_;
  const std::filesystem::path file_;
  const Retention retention_{.messages = 1 + chance_() % 15, .bytes = 20 + chance_() % 500};
  Desk desk_;
  MemoryStore memory_{retention_, 10};
  std::unique_ptr<SqliteStore> sqlite_;
  std::shared_ptr<Log> written_, kept_;
  std::uint64_t last_ = 0, covered_ = 0;
};

TEST(Stores, keep_the_same) {
  spdlog::set_level(spdlog::level::off);
  const Folder folder;
  for (unsigned seed = 1; seed <= 12 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Round{seed, folder / std::to_string(seed)}.play();
  }
  spdlog::set_level(spdlog::level::info);
}

}  // namespace
}  // namespace hubbub::store

#include "store/commit_log.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

#include "core/store/desk.hpp"

namespace hubbub::store {
namespace {

class CommitLogTest : public testing::Test {
 protected:
  CommitLog log(std::uint64_t first = 1, std::uint64_t owner = 7, bool syncs = false) { return {database, owner, first, syncs}; }

  // Commits records with these seqs as one group.
  static void append(CommitLog& log, const std::vector<std::uint64_t>& seqs, std::size_t size = 100) {
    static const std::string room = "general", epoch = "e";
    std::vector<Record> records;
    for (const auto seq : seqs) records.push_back(record(seq, std::to_string(seq), "john", size));
    std::vector<Commit> group;
    for (const auto& record : records) group.push_back({room, epoch, record});
    log.append(group);
  }

  Seqs read(std::uint64_t after = 0) {
    Seqs seqs;
    outcome = Segments{database, 7, after}.read([&](const std::string&, const std::string&, const Record& record) { seqs.push_back(record.seq); });
    return seqs;
  }
  std::uint64_t last(std::uint64_t after = 0) const { return Segments{database, 7, after}.last(); }

  std::filesystem::path segment(int number) const { return database.string() + "-commits-" + std::to_string(number); }
  static std::string content(const std::filesystem::path& file) {
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator{stream}, {}};
  }
  static void write(const std::filesystem::path& file, const std::string& bytes) { std::ofstream{file, std::ios::binary} << bytes; }

  Folder folder;
  std::filesystem::path database = folder / "rooms.db";
  Segments::Outcome outcome;
};

TEST_F(CommitLogTest, keeps_what_was_committed_as_it_was_and_in_order) {
  for (const bool syncs : {false, true}) {
    auto log = this->log(syncs ? 2 : 1, 7, syncs);
    const std::string room = "kitchen", epoch = "an epoch";
    const Record all{5, 1'700'000'000'000, "chat", "1.2.3", {11, ~std::uint64_t{0}, 13}, Frame::copy("{\"type\":\"é\"}")};
    const Commit commit{room, epoch, all};
    log.append({&commit, 1});
    int found = 0;
    Segments{database, 7, 0}.read([&](const std::string& its_room, const std::string& its_epoch, const Record& record) {
      ++found;
      EXPECT_EQ(its_room, room);
      EXPECT_EQ(its_epoch, epoch);
      EXPECT_EQ(record.seq, all.seq);
      EXPECT_EQ(record.ts, all.ts);
      EXPECT_EQ(record.plugin + record.version, "chat1.2.3");
      EXPECT_EQ(record.repetition.client, 11U);
      EXPECT_EQ(record.repetition.ref, ~std::uint64_t{0});
      EXPECT_EQ(record.repetition.asked, 13U);
      EXPECT_EQ(record.frame.payload(), all.frame.payload());
    });
    EXPECT_EQ(found, syncs ? 2 : 1);
  }
}

TEST_F(CommitLogTest, goes_over_several_segments_and_forgets_those_that_are_removed) {
  EXPECT_EQ(last(), 0U);
  EXPECT_EQ(last(8), 8U);
  auto log = this->log();
  EXPECT_EQ(log.end_segment(), 0U) << "there is none";
  append(log, {1, 2});
  append(log, {3});
  EXPECT_EQ(log.end_segment(), 1U);
  EXPECT_EQ(log.end_segment(), 1U);
  append(log, {4});
  EXPECT_EQ(read(), (Seqs{1, 2, 3, 4}));
  EXPECT_EQ(read(1), Seqs{4});
  EXPECT_EQ(last(), 2U);
  remove_segments(database, 1);
  EXPECT_EQ(read(1), Seqs{4});
  EXPECT_EQ(outcome.unread, 0U);
  EXPECT_FALSE(outcome.is_missing);
}

TEST_F(CommitLogTest, ends_where_a_segment_is_missing) {
  auto log = this->log();
  for (std::uint64_t seq = 1; seq <= 3; ++seq) {
    append(log, {seq});
    log.end_segment();
  }
  std::filesystem::remove(segment(2));
  EXPECT_EQ(read(), Seqs{1});
  EXPECT_TRUE(outcome.is_missing);
  EXPECT_GT(outcome.unread, 0U);
  EXPECT_EQ(read(2), Seqs{3});
  EXPECT_FALSE(outcome.is_missing);
}

// After a crash, or a power cut: the file ends anywhere, or a part of it never reached the disk.
TEST_F(CommitLogTest, is_read_up_to_the_first_group_that_is_not_whole) {
  auto log = this->log();
  std::vector<std::size_t> ends;
  for (const auto& group : {Seqs{1}, Seqs{2, 3}, Seqs{4}}) {
    append(log, group, 10);
    ends.push_back(std::filesystem::file_size(segment(1)));
  }
  const std::vector<Seqs> whole = {{}, {1}, {1, 2, 3}, {1, 2, 3, 4}};
  const auto bytes = content(segment(1));
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    write(segment(1), bytes.substr(0, cut));
    const auto groups = static_cast<std::size_t>(std::ranges::count_if(ends, [&](std::size_t end) { return end <= cut; }));
    EXPECT_EQ(read(), whole[groups]) << "cut at " << cut;
    EXPECT_EQ(outcome.unread, 0U) << "it was being written; cut at " << cut;
  }
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    auto damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    write(segment(1), damaged);
    const auto groups = at < 40 ? 0 : static_cast<std::size_t>(std::ranges::count_if(ends, [&](std::size_t end) { return end <= at; }));
    EXPECT_EQ(read(), whole[groups]) << "damaged at " << at;
    EXPECT_GT(outcome.unread, 0U) << "damaged at " << at;
  }
}

TEST_F(CommitLogTest, ends_where_something_is_missing_though_more_has_reached_the_disk) {
  auto log = this->log();
  append(log, {1});
  const auto end = std::filesystem::file_size(segment(1));
  append(log, {2});
  log.end_segment();
  append(log, {3});
  std::filesystem::resize_file(segment(1), end);
  EXPECT_EQ(read(), Seqs{1});
  EXPECT_GT(outcome.unread, 0U);
  write(segment(1), "");
  EXPECT_EQ(read(), Seqs{}) << "as of a file of which only the name has reached the disk";
}

TEST_F(CommitLogTest, commits_nothing_of_a_group_that_cannot_be_written_and_then_goes_on) {
  auto log = this->log();
  append(log, {1});
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit full{std::filesystem::file_size(segment(1)) + 20, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &full);
  for (int i = 0; i < 5; ++i) EXPECT_THROW(append(log, {2}, 10'000), std::system_error);
  ::setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(read(), Seqs{1});
  append(log, {2});
  EXPECT_EQ(read(), (Seqs{1, 2}));
  EXPECT_EQ(outcome.unread, 0U);
  EXPECT_EQ(last(), 1U) << "a disk that fails is not filled with files";
}

TEST_F(CommitLogTest, takes_nothing_from_another_database_and_no_other_file) {
  auto its = log();
  append(its, {1});
  write(database.string() + "-commits-old", "no number");
  write(database.string() + "-commits-", "no number");
  copy_segments(folder / "other.db", 1);
  remove_segments(folder / "other.db", 1);
  EXPECT_EQ(read(), Seqs{1});
  auto other = log(2, 8);
  append(other, {2});
  EXPECT_THROW(read(), std::runtime_error);
  copy_segments(database, 2);
  remove_segments(database, 2);
  EXPECT_EQ(read(), Seqs{});
  EXPECT_EQ(content(segment(2).string() + ".unread").substr(0, 7), "hubbubC");
}

}  // namespace
}  // namespace hubbub::store

#include "config/file_watch.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>

namespace hubbub::config {
namespace {

namespace fs = std::filesystem;
using std::chrono::system_clock;

class FileWatchTest : public ::testing::Test {
 protected:
  ~FileWatchTest() override { fs::remove_all(folder); }

  void write(const fs::path& file, const std::string& text) { std::ofstream{file} << text; }
  // A file that is the same at two looks is complete.
  bool is_found() {
    EXPECT_FALSE(watch.look()) << "at the first look";
    return watch.look();
  }

  const fs::path folder = fs::temp_directory_path() / ("hubbub-watch-" + std::to_string(::getpid()));
  const bool made = fs::create_directory(folder);
  const fs::path one = folder / "one", other = folder / "other";
  FileWatch watch;
};

constexpr auto long_ago = std::chrono::hours{1};

TEST_F(FileWatchTest, finds_files_that_were_written_created_or_removed_once_that_is_done) {
  write(one, "1");
  watch.follow({one, other}, system_clock::now() + long_ago);
  EXPECT_FALSE(is_found());
  write(one, "another");
  EXPECT_TRUE(is_found());
  EXPECT_FALSE(is_found());
  write(other, "new");
  EXPECT_TRUE(is_found());
  fs::remove(one);
  EXPECT_TRUE(is_found());
}

// Each alone: the file's time, to the last digit, its size, and its inode.
TEST_F(FileWatchTest, finds_a_change_of_only_one_attribute) {
  const auto date = [](const fs::path& file, std::time_t seconds, long nanoseconds) {
    const timespec times[2] = {{seconds, nanoseconds}, {seconds, nanoseconds}};
    ASSERT_EQ(::utimensat(AT_FDCWD, file.c_str(), times, 0), 0);
  };
  write(one, "12");
  date(one, 1'000'000, 5);
  watch.follow({one}, system_clock::now() + long_ago);
  date(one, 1'000'000, 6);
  EXPECT_TRUE(is_found()) << "the time within a second";
  date(one, 1'000'001, 6);
  EXPECT_TRUE(is_found()) << "the second";
  write(one, "123");
  date(one, 1'000'001, 6);
  EXPECT_TRUE(is_found()) << "the size";
  write(other, "321");
  date(other, 1'000'001, 6);
  fs::rename(other, one);
  EXPECT_TRUE(is_found()) << "the file";
  date(one, 1'000'001, 6);
  EXPECT_FALSE(is_found()) << "nothing";
}

TEST_F(FileWatchTest, finds_a_change_when_two_looks_have_seen_the_same_and_not_during_the_writing) {
  write(one, "");
  watch.follow({one}, system_clock::now() + long_ago);
  for (const auto* text : {"1", "12", "123"}) {
    write(one, text);
    EXPECT_FALSE(watch.look()) << text;
  }
  EXPECT_TRUE(watch.look());
  EXPECT_FALSE(watch.look()) << "once";
  write(one, "1234");
  EXPECT_FALSE(watch.look());
  write(one, "12345");
  fs::remove(one);
  EXPECT_FALSE(watch.look());
  EXPECT_TRUE(watch.look()) << "gone";
}

TEST_F(FileWatchTest, watches_only_the_files_of_the_last_call) {
  write(one, "1");
  write(other, "1");
  watch.follow({one, other}, system_clock::now() + long_ago);
  watch.follow({other}, system_clock::now() + long_ago);
  write(one, "another");
  EXPECT_FALSE(is_found());
  write(other, "another");
  EXPECT_TRUE(is_found());
}

TEST_F(FileWatchTest, takes_the_files_at_a_mark_as_known) {
  write(one, "1");
  watch.follow({one}, system_clock::now() + long_ago);
  write(one, "another");
  watch.mark();
  EXPECT_FALSE(is_found());
  write(one, "yet another");
  EXPECT_TRUE(is_found());
}

TEST_F(FileWatchTest, finds_a_change_between_reading_and_watching) {
  const auto began = system_clock::now();
  write(one, "written since");
  watch.follow({one}, began);
  EXPECT_TRUE(is_found());
  EXPECT_FALSE(is_found());
  watch.follow({one}, began);
  EXPECT_FALSE(is_found()) << "it was watched before";
}

TEST_F(FileWatchTest, finds_a_file_that_was_renamed_into_place_meanwhile_however_old_it_is) {
  write(other, "old");
  const timespec old[2] = {{1, 0}, {1, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, other.c_str(), old, 0), 0);
  const auto began = system_clock::now();
  fs::rename(other, one);
  watch.follow({one}, began);
  EXPECT_TRUE(is_found());
}

TEST_F(FileWatchTest, still_finds_a_change_just_before_it_is_told_to_go_on) {
  write(one, "1");
  watch.follow({one}, system_clock::now() + long_ago);
  write(one, "another");
  watch.follow({one, other}, system_clock::now() + long_ago);
  EXPECT_TRUE(is_found());
}

TEST_F(FileWatchTest, takes_a_file_that_is_older_than_the_reading_as_read) {
  write(one, "1");
  watch.follow({one}, system_clock::now() + long_ago);
  EXPECT_FALSE(is_found());
}

}  // namespace
}  // namespace hubbub::config

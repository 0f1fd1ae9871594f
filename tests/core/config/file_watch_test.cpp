#include "config/file_watch.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
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
  // What has been the same for two looks is done.
  bool is_found() { return !watch.look() && watch.look(); }

  const fs::path folder = fs::temp_directory_path() / ("hubbub-watch-" + std::to_string(::getpid()));
  const bool made = fs::create_directory(folder);
  const fs::path one = folder / "one", other = folder / "other";
  FileWatch watch;
};

constexpr auto long_ago = std::chrono::hours{1};

TEST_F(FileWatchTest, finds_what_is_written_or_comes_or_goes_once_it_is_done) {
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

TEST_F(FileWatchTest, finds_what_changed_between_its_being_read_and_its_being_watched) {
  const auto began = system_clock::now();
  write(one, "written since");
  watch.follow({one}, began);
  EXPECT_TRUE(is_found());
  EXPECT_FALSE(is_found());
  watch.follow({one}, began);
  EXPECT_FALSE(is_found()) << "it was watched before";
}

TEST_F(FileWatchTest, finds_what_came_meanwhile_under_another_name_however_old_it_is) {
  write(other, "old");
  const timespec old[2] = {{1, 0}, {1, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, other.c_str(), old, 0), 0);
  const auto began = system_clock::now();
  fs::rename(other, one);
  watch.follow({one}, began);
  EXPECT_TRUE(is_found());
}

TEST_F(FileWatchTest, still_finds_what_changed_just_before_it_is_told_to_go_on) {
  write(one, "1");
  watch.follow({one}, system_clock::now() + long_ago);
  write(one, "another");
  watch.follow({one, other}, system_clock::now() + long_ago);
  EXPECT_TRUE(is_found());
}

TEST_F(FileWatchTest, takes_what_was_there_before_it_was_read_for_what_was_read) {
  write(one, "1");
  watch.follow({one}, system_clock::now() + long_ago);
  EXPECT_FALSE(is_found());
}

}  // namespace
}  // namespace hubbub::config

#include "config/text_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <thread>

namespace hubbub::config {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

const auto refused = "is a pipe, which would block the server; name a file";

struct TextFile : ::testing::Test {
  TextFile() {
    std::string name = (fs::temp_directory_path() / "hubbub-text-XXXXXX").string();
    folder = ::mkdtemp(name.data());
  }
  ~TextFile() override { fs::remove_all(folder); }

  // The problem with the file; if it is "nothing", the content is in `text`.
  std::string problem(const fs::path& file, bool may_wait = false) {
    const auto found = read_text(file, text, may_wait);
    return found ? found->text : "nothing";
  }

  fs::path folder;
  std::string text;
};

TEST_F(TextFile, is_read_unchanged_up_to_one_mebibyte) {
  for (const std::size_t size : {0U, 1U, 1U << 20}) {
    const auto written = std::string(size, 'x');
    std::ofstream{folder / "file", std::ios::binary} << written;
    text = "what was there before";
    EXPECT_EQ(problem(folder / "file"), "nothing");
    EXPECT_EQ(text, written);
  }
  std::ofstream{folder / "file", std::ios::binary} << std::string((1U << 20) + 1, 'x');
  EXPECT_EQ(problem(folder / "file"), "is larger than 1MiB");
  EXPECT_EQ(problem("/dev/zero"), "is larger than 1MiB");
}

TEST_F(TextFile, that_is_no_regular_file_is_refused_with_a_reason) {
  EXPECT_EQ(problem(folder / "gone"), "cannot be read: no such file or directory");
  EXPECT_EQ(problem(folder), "is a directory; name a file");
}

TEST_F(TextFile, never_blocks_the_reader_unless_the_process_was_given_it) {
  const auto pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  fs::create_symlink(pipe, folder / "link");
  for (const bool may_wait : {false, true}) {
    EXPECT_EQ(problem(pipe, may_wait), refused) << may_wait;
    EXPECT_EQ(problem(folder / "link", may_wait), refused) << may_wait;
    std::string name = pipe;
    EXPECT_EQ(problem(folder / "../" / folder.filename() / "pipe", may_wait), refused) << may_wait;
  }
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
  ASSERT_EQ(::grantpt(terminal) + ::unlockpt(terminal), 0);
  for (const bool may_wait : {false, true}) EXPECT_EQ(problem(::ptsname(terminal), may_wait), "would block the server; name a file");
  ::close(terminal);
}

TEST_F(TextFile, that_the_process_was_given_as_a_pipe_is_read_to_its_end_if_allowed) {
  for (const std::string at : {"/dev/fd/", "/proc/self/fd/"}) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    EXPECT_EQ(problem(at + std::to_string(ends[0])), refused);
    std::thread writer{[&] {
      for (const auto* part : {"one", "two"}) EXPECT_EQ(::write(ends[1], part, 3), 3);
      ::close(ends[1]);
    }};
    EXPECT_EQ(problem(at + std::to_string(ends[0]), true), "nothing");
    EXPECT_EQ(text, "onetwo");
    writer.join();
    ::close(ends[0]);
  }
}

TEST(BadCharacters, AreControlCharactersAndWhatIsNotUtf8OnTheirLine) {
  const auto found = [](const std::string& text, Location where = {.file = "f", .line = 1}) {
    const auto problem = bad_characters(text, where);
    return problem ? to_string(problem->where) + ": " + problem->text : "none";
  };
  for (const auto& text : {""s, "\n\n"s, "a\tb\r\n"s, "äö🙂"s, "\u0080\u2028"s}) EXPECT_EQ(found(text), "none") << text;
  for (const auto& text : {"\0"s, "\x01"s, "\x0b"s, "\x1f"s, "\x7f"s}) {
    EXPECT_EQ(found("a\n\nb" + text + "\nc"), "f:3: holds a control character; remove it");
    EXPECT_EQ(found(text, {.variable = "V"}), "environment V: holds a control character; remove it");
  }
  for (const auto& text : {"\xff"s, "\xc3"s, "\xed\xa0\x80"s}) EXPECT_EQ(found("a\n" + text + "\n\x01"), "f:2: is not valid UTF-8; save it as UTF-8");
}

}  // namespace
}  // namespace hubbub::config

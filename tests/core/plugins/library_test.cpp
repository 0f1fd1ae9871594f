// Which file a plugin is loaded from, and when it is another one.
#include "plugins/library.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <hubbub/plugin.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "plugins/private_copy.hpp"

namespace hubbub::plugins {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const fs::path fixtures = HUBBUB_FIXTURE_DIR;

std::string refusal(const std::function<void()>& call) {
  try {
    call();
    return "nothing is wrong";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

std::string read(const fs::path& file) {
  std::ifstream stream{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

struct Libraries : ::testing::Test {
  Libraries() {
    std::string name = (fs::temp_directory_path() / "hubbub-libraries-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    for (const auto* part : {"first", "second"}) fs::create_directory(folder / part);
  }
  ~Libraries() override { fs::remove_all(folder); }

  fs::path folder;
};

TEST_F(Libraries, are_found_in_the_first_directory_that_has_one) {
  const std::vector<fs::path> both = {folder / "first", folder / "second"};
  fs::copy(fixtures / "tally.so", folder / "second/tally.so");
  EXPECT_EQ(find_library("tally", both), folder / "second/tally.so");
  fs::create_directory(folder / "first/tally.so");
  EXPECT_EQ(find_library("tally", both), folder / "second/tally.so") << "a directory is no library";
  fs::remove(folder / "first/tally.so");
  fs::copy(fixtures / "tally.so", folder / "first/tally.so");
  EXPECT_EQ(find_library("tally", both), folder / "first/tally.so");
  const auto places = (folder / "first").string() + " or " + (folder / "second").string();
  EXPECT_EQ(refusal([&] { find_library("taly", both); }), "there is no library taly.so in " + places + "; did you mean \"tally\"?");
  EXPECT_EQ(refusal([&] { find_library("poll", both); }), "there is no library poll.so in " + places + "; build it, or set plugins.directory to where it is");
}

TEST_F(Libraries, are_loaded_once_for_the_same_contents_and_beside_each_other_for_others) {
  const auto file = folder / "first/tally.so", copy = folder / "second/another.so";
  fs::copy(fixtures / "tally.so", file);
  const auto& table = load_library(file);
  EXPECT_STREQ(table.name, "tally");
  EXPECT_EQ(&load_library(file), &table);
  fs::copy(file, copy);
  EXPECT_EQ(&load_library(copy), &table) << "whatever its name";
  std::ofstream{file, std::ios::binary | std::ios::app} << "x";
  const auto& changed = load_library(file);
  EXPECT_NE(&changed, &table);
  EXPECT_STREQ(table.name, "tally") << "the one before is there for ever";
  fs::remove(file);
  EXPECT_STREQ(changed.name, "tally") << "whatever becomes of the file";
  EXPECT_STREQ(build_of(table), build_of(load_library(copy)));
  EXPECT_STRNE(build_of(table), build_of(changed));
  EXPECT_STREQ(build_of(abi::Table{table}), "") << "nothing that was loaded";
}

TEST_F(Libraries, are_refused_with_the_reason_each_time) {
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(refusal([] { load_library(fixtures / "no_symbol.so"); }), HasSubstr("no_symbol.so is no plugin: it exports no hubbub_plugin"));
    EXPECT_THAT(refusal([] { load_library(fixtures / "wrong_fingerprint.so"); }), HasSubstr("was built for another server"));
    EXPECT_THAT(refusal([&] { load_library(folder); }), HasSubstr("cannot be loaded: it cannot be read: it is a directory"));
    EXPECT_THAT(refusal([&] { load_library(folder / "none.so"); }), HasSubstr("none.so cannot be loaded: it cannot be read: "));
    std::ofstream{folder / "rubbish.so"} << "rubbish";
    EXPECT_THAT(refusal([&] { load_library(folder / "rubbish.so"); }), HasSubstr("rubbish.so cannot be loaded: "));
    std::ofstream{folder / "half.so", std::ios::binary} << read(fixtures / "tally.so").substr(0, 5000);
    EXPECT_THAT(refusal([&] { load_library(folder / "half.so"); }), HasSubstr("half.so cannot be loaded: it is cut short; build it again"));
  }
}

// A plugin that was built otherwise in one respect is told which, and what to do about that.
TEST_F(Libraries, that_were_built_otherwise_are_refused_with_what_differs_and_advice) {
  const std::string ours = abi::fingerprint.text;
  const auto value = [&](const std::string& part) {
    const auto begin = ours.find(part + " ") + part.size() + 1;
    return ours.substr(begin, ours.find(',', begin) - begin);
  };
  const auto whole = read(fixtures / "tally.so");
  int number = 0;
  const auto refused = [&](const std::string& theirs) {
    auto bytes = whole;
    const auto at = bytes.find(ours);
    bytes.replace(at, std::max(ours.size(), theirs.size()), theirs + std::string(ours.size() - std::min(ours.size(), theirs.size()), '\0'));
    const auto file = folder / ("other" + std::to_string(++number) + ".so");
    std::ofstream{file, std::ios::binary} << bytes;
    return refusal([&] { load_library(file); }).substr(file.string().size());
  };
  const auto with = [&](const std::string& part, const std::string& other) {
    auto theirs = ours;
    return theirs.replace(theirs.find(part + " ") + part.size() + 1, value(part).size(), other);
  };
  const std::string rebuild = "): rebuild it with this server's SDK";
  for (const auto& [part, other, advice] : std::vector<std::array<std::string, 3>>{
           {"hubbub-abi", "77", ""},
           {"compiler", "icc", ""},
           {"standard-library", "libc++-1", ""},
           {"cxx11-abi", "0", ""},
           {"json", "3.9.1", ""},
           {"json-diagnostics", "1", ""},
           {"_GLIBCXX_DEBUG", "on", " and without -D_GLIBCXX_DEBUG"},
           {"sanitizer", "tsan", " and without -fsanitize=tsan"},
           {"layout", "4", " and without flags that change how types lie in memory, such as -fshort-enums"}}) {
    if (value(part) == other || (part == "sanitizer" && value(part) != "none")) continue;  // of a build of another kind
    EXPECT_EQ(refused(with(part, other)), " was built for another server (it has " + part + " " + other + ", the server has " + part + " " + value(part) + rebuild + advice);
  }
  EXPECT_EQ(refused(with("hubbub-abi", "77").replace(ours.find("sanitizer"), 9, "x")), refused(with("hubbub-abi", "77"))) << "the first of several";
  EXPECT_EQ(refused(ours.substr(0, ours.find(", layout"))),
            " was built for another server (it has no layout, the server has layout " + value("layout") + rebuild +
                " and without flags that change how types lie in memory, such as -fshort-enums");
}

TEST_F(Libraries, are_read_whole_and_copied_to_where_nobody_can_change_them) {
  const auto file = folder / "some";
  const std::string contents = "some contents" + std::string(100'000, '\0') + "and more";
  std::ofstream{file, std::ios::binary} << contents;
  EXPECT_EQ(contents_of(file), contents);
  std::string path;
  {
    const PrivateCopy copy{contents, "name", file};
    path = copy.path();
    std::ofstream{file} << "something else";
    fs::remove(file);
    EXPECT_EQ(read(path), contents);
  }
  EXPECT_FALSE(fs::exists(path)) << "it is gone";
  PrivateCopy kept{contents, "name", file};
  path = kept.path();
  kept.keep();
  { const PrivateCopy moved_on{"another", "name", file}; }
  EXPECT_EQ(read(path), contents) << "while the process lives";
  std::ofstream{folder / "empty"};
  EXPECT_EQ(contents_of(folder / "empty"), "");
}

}  // namespace
}  // namespace hubbub::plugins

// What a library's file says of itself. The libraries are real ones.
#include "plugins/elf.hpp"

#include <hubbub/plugin.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "plugins/private_copy.hpp"

namespace hubbub::plugins {
namespace {

std::string fixture(const std::string& name) { return contents_of(std::string{HUBBUB_FIXTURE_DIR} + "/" + name + ".so"); }

TEST(Elf, TellsTheFingerprintOfAPluginAndThatAnotherLibraryIsNone) {
  const auto plugin = fixture("probe");
  const auto found = find_exported(plugin, "hubbub_plugin");
  ASSERT_TRUE(found && found->found);
  EXPECT_EQ(found->text, abi::fingerprint.text);
  const auto bare = fixture("bare");
  EXPECT_EQ(find_exported(bare, "hubbub_plugin").value().text, abi::fingerprint.text) << "however it was linked";
  const auto other = fixture("no_symbol");
  EXPECT_FALSE(find_exported(other, "hubbub_plugin").value().found);
  EXPECT_FALSE(find_exported(plugin, "hubbub_plug").value().found) << "not all of its name";
}

TEST(Elf, ASymbolThatALibraryOnlyUsesIsNotItsOwn) {
  const auto plugin = fixture("probe");
  for (const auto* used : {"__cxa_finalize", "__cxa_throw", "_Unwind_Resume"}) EXPECT_FALSE(find_exported(plugin, used).value().found) << used;
}

TEST(Elf, WhatIsNoLibraryIsLeftToTheLoader) {
  for (const std::string text : {"", "x", "\177ELF"}) {
    EXPECT_FALSE(is_cut_short(text));
    EXPECT_FALSE(find_exported(text, "hubbub_plugin"));
  }
}

TEST(Elf, AWholeLibraryIsNotCutShortAndAnyPartOfItIs) {
  const auto whole = fixture("probe");
  EXPECT_FALSE(is_cut_short(whole));
  for (const auto missing : {std::size_t{1}, whole.size() / 10, whole.size() / 2, whole.size() - 64}) {
    EXPECT_TRUE(is_cut_short(whole.substr(0, whole.size() - missing))) << missing;
  }
}

// Under AddressSanitizer this fails if anything beyond the file is read.
TEST(Elf, WhateverStandsInAFileNothingBeyondItIsRead) {
  const auto whole = fixture("probe");
  std::mt19937 random{7};
  for (int i = 0; i < 300; ++i) {
    auto broken = whole.substr(0, i % 3 == 0 ? random() % whole.size() : whole.size());
    for (int changes = 0; changes < 20 && !broken.empty(); ++changes) {
      // In the header and the table of segments, or in the table of sections at the end.
      const auto far = random() % std::min<std::size_t>(broken.size(), 2048);
      broken[changes % 2 == 0 ? far % 700 % broken.size() : broken.size() - 1 - far] = static_cast<char>(random());
    }
    std::copy_n(whole.begin(), std::min<std::size_t>(5, broken.size()), broken.begin());
    static_cast<void>(is_cut_short(broken));
    static_cast<void>(find_exported(broken, "hubbub_plugin"));
  }
}

}  // namespace
}  // namespace hubbub::plugins

#include "config/spelling.hpp"

#include <gtest/gtest.h>

namespace hubbub::config {
namespace {

const std::vector<std::string> names{"host", "port", "threads", "max_message", "max_depth"};

TEST(Spelling, ASlipFindsTheNameThatWasMeant) {
  EXPECT_EQ(nearest("prot", names), "port");
  EXPECT_EQ(nearest("PORT", names), "port");
  EXPECT_EQ(nearest("thread", names), "threads");
  EXPECT_EQ(nearest("max-message", names), "max_message");
  EXPECT_EQ(nearest("maxdepth", names), "max_depth");
}

TEST(Spelling, FindsTheNearestNameAndOfEquallyNearOnesTheFirst) {
  EXPECT_EQ(nearest("cap", {"cat", "car"}), "cat");
  EXPECT_EQ(nearest("cap", {"car", "cat"}), "car");
  EXPECT_EQ(nearest("messages", {"messenger", "message"}), "message");
  EXPECT_EQ(nearest("port", {"sort", "PORT"}), "PORT") << "capitals are no slip";
}

TEST(Spelling, ASlipInThreeLettersIsOneAndNoMore) {
  EXPECT_EQ(nearest("abXdeY", {"abcdef"}), "abcdef");
  EXPECT_EQ(nearest("aXcYeZ", {"abcdef"}), "");
  EXPECT_EQ(nearest("aX", {"ab"}), "ab");
  EXPECT_EQ(nearest("XY", {"ab"}), "");
  EXPECT_EQ(nearest("a", {"b"}), "");
  EXPECT_EQ(nearest("ab", {"a"}), "");
  EXPECT_EQ(nearest("abc", {"abcd"}), "abcd");
  EXPECT_EQ(nearest("abcd", {"abcdef"}), "abcdef");
  EXPECT_EQ(nearest("abc", {"abcdef"}), "");
  EXPECT_EQ(nearest("abdc", {"abcd"}), "abcd") << "two that changed places are one slip";
  EXPECT_EQ(nearest("badc", {"abcd"}), "") << "and four are two";
  EXPECT_EQ(nearest("ba", {"ab"}), "ab");
}

TEST(Spelling, AnotherWordFindsNothing) {
  EXPECT_EQ(nearest("tls", names), "");
  EXPECT_EQ(nearest("x", names), "");
  EXPECT_EQ(nearest("", names), "");
  EXPECT_EQ(nearest(std::string(100'000, 'x'), names), "");
  EXPECT_EQ(nearest("port", {}), "");
}

}  // namespace
}  // namespace hubbub::config

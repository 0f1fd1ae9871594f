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

TEST(Spelling, AnotherWordFindsNothing) {
  EXPECT_EQ(nearest("tls", names), "");
  EXPECT_EQ(nearest("x", names), "");
  EXPECT_EQ(nearest("", names), "");
  EXPECT_EQ(nearest(std::string(100'000, 'x'), names), "");
  EXPECT_EQ(nearest("port", {}), "");
}

}  // namespace
}  // namespace hubbub::config

#include "protocol/keyed_hash.hpp"

#include <gtest/gtest.h>

#include <string>

namespace hubbub {
namespace {

TEST(KeyedHash, has_another_key_each_time_and_one_for_a_process) {
  EXPECT_NE(keyed_hash(HashKey::random(), "garden"), keyed_hash(HashKey::random(), "garden"));
  EXPECT_EQ(KeyedHash{}("garden"), KeyedHash{}("garden"));
  EXPECT_NE(KeyedHash{}("garden"), KeyedHash{}("garten"));
}

}  // namespace
}  // namespace hubbub

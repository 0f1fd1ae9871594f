#include "protocol/keyed_hash.hpp"

#include <gtest/gtest.h>

#include <string>

namespace hubbub {
namespace {

TEST(KeyedHash, takes_random_keys_that_differ_and_by_default_one_key_of_the_process) {
  EXPECT_NE(keyed_hash(HashKey::random(), "garden"), keyed_hash(HashKey::random(), "garden"));
  EXPECT_EQ(KeyedHash{}("garden"), KeyedHash{}("garden"));
  EXPECT_NE(KeyedHash{}("garden"), KeyedHash{}("garten"));
}

}  // namespace
}  // namespace hubbub

#pragma once

#include <gtest/gtest.h>
#include <hubbub/testing.hpp>

namespace hubbub::testing {

// A message that a plugin refuses, and why.
struct Refused {
  const char* what;  // in the name of its test
  const char* type;
  Json content;
  const char* why;
};

inline void expect_refused(Client& sender, Client& other, const Refused& message) {
  sender.take();
  other.take();
  sender.send(message.type, message.content, "a");
  const auto error = sender.next("error");
  EXPECT_EQ(error["code"], "invalid");
  EXPECT_EQ(error["content"], message.why);
  EXPECT_EQ(error["ref"], "a");
  EXPECT_TRUE(other.take().empty());
}

}  // namespace hubbub::testing

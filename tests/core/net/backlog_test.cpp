#include "net/backlog.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace hubbub::net {
namespace {

std::string bytes_of(std::string_view payload) { return std::string{Frame::copy(payload).bytes()}; }

// Takes so many bytes as a socket would, or all.
std::string take(Backlog& backlog, std::size_t most = ~std::size_t{0}) {
  std::string taken;
  while (!backlog.empty() && taken.size() < most) {
    std::array<std::string_view, 4> pieces;
    std::string now;
    const auto count = backlog.peek(pieces);
    for (std::size_t i = 0; i < count; ++i) now += pieces[i];
    now.resize(std::min(now.size(), most - taken.size()));
    backlog.take(now.size());
    taken += now;
  }
  return taken;
}

TEST(Backlog, lets_control_frames_go_first_but_not_into_a_frame_that_was_begun) {
  for (std::size_t begun = 0; begun < bytes_of("one").size(); ++begun) {
    Backlog backlog{1000};
    for (const auto* payload : {"one", "two"}) backlog.outbox.push(Frame::copy(payload));
    auto taken = take(backlog, begun);
    backlog.control("PING");
    taken += take(backlog);
    EXPECT_EQ(taken, begun == 0 ? "PING" + bytes_of("one") + bytes_of("two") : bytes_of("one") + "PING" + bytes_of("two"));
    EXPECT_TRUE(backlog.empty());
  }
}

TEST(Backlog, finishes_a_control_frame_however_it_is_taken) {
  Backlog backlog{1000};
  backlog.outbox.push(Frame::copy("one"));
  backlog.control("PING");
  auto taken = take(backlog, 2);
  backlog.control("CLOSE");
  for (int i = 0; i < 3; ++i) taken += take(backlog, 1);
  EXPECT_EQ(taken + take(backlog), "PINGCLOSE" + bytes_of("one"));
}

TEST(Backlog, keeps_all_pongs_that_fit_and_the_newest_of_the_others) {
  Backlog backlog{100};
  std::string pongs;
  for (int i = 10; i < 30; ++i) {
    pongs += "PON" + std::to_string(i);
    backlog.pong("PON" + std::to_string(i));
  }
  for (const auto* pong : {"PON30", "PON31", "PON32"}) backlog.pong(pong);
  EXPECT_FALSE(backlog.outbox.push(Frame::copy("one")));
  EXPECT_EQ(take(backlog), pongs + "PON32");
  EXPECT_EQ(backlog.outbox.counted(), 0U);
  backlog.pong("PON33");
  EXPECT_EQ(take(backlog), "PON33");
}

}  // namespace
}  // namespace hubbub::net

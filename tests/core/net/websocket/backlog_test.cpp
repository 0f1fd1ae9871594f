#include "net/websocket/backlog.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

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

TEST(Backlog, lets_no_older_pong_go_behind_a_newer_one) {
  Backlog backlog{1000};
  const std::string large(600, 'x');
  backlog.outbox.push(Frame::copy(large));
  auto taken = take(backlog, 10);
  backlog.control("PING");
  backlog.pong(std::string(600, 'a'));  // which does not fit
  taken += take(backlog, bytes_of(large).size() - 10);
  backlog.pong("PONG");  // which would
  EXPECT_EQ(taken + take(backlog), bytes_of(large) + "PINGPONG");
}

// Whatever is given and taken in whatever order.
TEST(Backlog, keeps_frames_whole_and_each_kind_in_its_order_and_the_newest_pong) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random{seed};
    Backlog backlog{400};
    std::vector<std::string> frames, controls, pongs;
    std::string taken;
    for (int i = 0; i < 200; ++i) {
      const auto name = std::to_string(i);
      switch (random() % 4) {
        case 0:
          if (const auto frame = Frame::copy("<" + name + std::string(random() % 50, '-') + ">"); backlog.outbox.push(frame)) frames.emplace_back(frame.bytes());
          break;
        case 1: backlog.control(controls.emplace_back("[" + name + "]")); break;
        case 2: backlog.pong(pongs.emplace_back("(" + name + std::string(random() % 50, '+') + ")")); break;
        default: taken += take(backlog, random() % 100);
      }
    }
    taken += take(backlog);
    std::size_t frame = 0, control = 0, pong = 0;
    const auto is_next = [&](const auto& all, std::size_t number, std::size_t at) { return number < all.size() && taken.compare(at, all[number].size(), all[number]) == 0; };
    for (std::size_t at = 0; at < taken.size();) {
      if (is_next(frames, frame, at)) {
        at += frames[frame++].size();
      } else if (is_next(controls, control, at)) {
        at += controls[control++].size();
      } else {
        while (pong < pongs.size() && !is_next(pongs, pong, at)) ++pong;
        ASSERT_LT(pong, pongs.size()) << "behind " << taken.substr(0, at);
        at += pongs[pong++].size();
      }
    }
    EXPECT_EQ(frame, frames.size());
    EXPECT_EQ(control, controls.size());
    EXPECT_EQ(pong, pongs.size()) << "the newest came";
    EXPECT_EQ(backlog.outbox.counted(), 0U);
  }
}

}  // namespace
}  // namespace hubbub::net

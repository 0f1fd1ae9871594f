// Which sockets are reported, and how often; and who owns a descriptor.
#include "runtime/poller.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace hubbub::runtime {
namespace {

// Records its events.
class Recorder final : public Poller::Watcher {
 public:
  void on_ready(bool readable, bool writable) override {
    told += readable ? "r" : "";
    told += writable ? "w" : "";
    if (then) then();
  }

  std::string told;
  std::function<void()> then;
};

struct Pair {
  Pair() {
    std::array<int, 2> made{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, made.data()), 0);
    own = Descriptor{made[0]};
    peer = Descriptor{made[1]};
  }
  void write() const { EXPECT_EQ(::write(peer.get(), "x", 1), 1); }
  Descriptor own, peer;
};

struct Polled : ::testing::Test {
  // The events of one look.
  std::string look(Recorder& watching) {
    poller.wait(0);
    while (poller.tell_next()) {
    }
    return std::exchange(watching.told, {});
  }
  Poller poller;
};

TEST_F(Polled, a_socket_is_reported_as_long_as_it_is_readable) {
  Recorder one;
  const Pair pair;
  poller.add(pair.own.get(), one, {.reading = true});
  EXPECT_EQ(look(one), "");
  pair.write();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(look(one), "r");
  char byte = 0;
  EXPECT_EQ(::read(pair.own.get(), &byte, 1), 1);
  EXPECT_EQ(look(one), "");
}

TEST_F(Polled, a_watcher_that_asks_for_it_is_told_again_once_though_its_socket_has_nothing) {
  Recorder one;
  const Pair pair;
  poller.add(pair.own.get(), one, {.reading = true});
  one.then = [&one] { one.told += "again"; };
  poller.tell_again(one);
  poller.wait(60'000);  // returns at once
  while (poller.tell_next()) {
  }
  EXPECT_EQ(std::exchange(one.told, {}), "again");
  EXPECT_EQ(look(one), "");
}

TEST_F(Polled, a_watcher_that_asks_while_it_is_told_has_its_turn_after_the_next_wait) {
  Recorder one;
  const Pair pair;
  poller.add(pair.own.get(), one, {.reading = true});
  one.then = [&] { one.told += "again", poller.tell_again(one); };
  poller.tell_again(one);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(look(one), "again");
}

TEST_F(Polled, a_watcher_that_has_been_removed_is_not_told_again) {
  Recorder one, other;
  const Pair pair, second;
  poller.add(pair.own.get(), one, {.reading = true});
  poller.add(second.own.get(), other, {.reading = true});
  int told = 0;
  one.then = [&] { ++told, poller.remove(second.own.get(), other); };
  other.then = [&] { ++told, poller.remove(pair.own.get(), one); };
  poller.tell_again(one);
  poller.tell_again(other);
  EXPECT_EQ(look(one) + look(other), "");
  EXPECT_EQ(told, 1) << "the first removes the second";
}

TEST_F(Polled, a_socket_is_watched_for_the_last_requested_events) {
  Recorder one;
  Pair pair;
  poller.add(pair.own.get(), one, {.reading = true});
  pair.write();
  EXPECT_TRUE(poller.change(pair.own.get(), one, {.reading = true, .writing = true}));
  EXPECT_EQ(look(one), "rw");
  EXPECT_TRUE(poller.change(pair.own.get(), one, {.reading = false, .writing = true}));
  EXPECT_EQ(look(one), "w");
  EXPECT_TRUE(poller.change(pair.own.get(), one, {.reading = false, .writing = false}));
  EXPECT_EQ(look(one), "");
  pair.peer = {};
  EXPECT_EQ(look(one), "r") << "that it has failed is always told";
  EXPECT_FALSE(poller.change(-1, one, {.reading = true, .writing = true}));
}

TEST_F(Polled, a_removed_socket_is_not_reported_even_if_it_was_ready) {
  Recorder one, other;
  const Pair pair, its;
  poller.add(pair.own.get(), one, {.reading = true});
  poller.add(its.own.get(), other, {.reading = true});
  pair.write();
  its.write();
  one.then = [&] { poller.remove(its.own.get(), other); };
  other.then = [&] { poller.remove(pair.own.get(), one); };
  poller.wait(0);
  while (poller.tell_next()) {
  }
  EXPECT_EQ(one.told.size() + other.told.size(), 1U) << "whichever came first has removed the other";
  EXPECT_TRUE(poller.add_shared(one.told.empty() ? pair.own.get() : its.own.get(), one.told.empty() ? one : other));
}

TEST_F(Polled, a_socket_that_is_removed_within_its_own_call_is_not_reported_again) {
  Recorder one;
  const Pair pair;
  poller.add(pair.own.get(), one, {.reading = true});
  pair.write();
  one.then = [&] { poller.remove(pair.own.get(), one); };
  EXPECT_EQ(look(one), "r");
  EXPECT_EQ(look(one), "");
}

TEST_F(Polled, a_descriptor_that_is_reused_in_the_same_turn_is_reported_only_for_the_new_socket) {
  Recorder one, other, later;
  Pair pair, its;
  std::optional<Pair> next;
  poller.add(pair.own.get(), one, {.reading = true});
  poller.add(its.own.get(), other, {.reading = true});
  pair.write();
  its.write();
  const auto replace = [&](Pair& ready, Recorder& watching) {
    const auto number = ready.own.get();
    poller.remove(number, watching);
    ready = {};
    next.emplace();
    ASSERT_TRUE(next->own.get() == number || next->peer.get() == number);
    if (next->own.get() != number) std::swap(next->own, next->peer);
    poller.add(number, later, {.reading = true});
  };
  one.then = [&] { replace(its, other); };
  other.then = [&] { replace(pair, one); };
  EXPECT_EQ(look(later), "");
  EXPECT_EQ(one.told.size() + other.told.size(), 1U);
  one.then = other.then = nullptr;
  next->write();
  EXPECT_EQ(look(later), "r");
}

TEST_F(Polled, sockets_beyond_the_maximum_of_one_look_are_reported_by_the_next) {
  std::deque<Descriptor> ready;
  std::deque<Recorder> watching(600);
  for (auto& its : watching) {
    ready.emplace_back(::eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK));
    poller.add(ready.back().get(), its, {.reading = true});
  }
  const auto told = [&] { return std::ranges::count_if(watching, [](const auto& its) { return !its.told.empty(); }); };
  Recorder none;
  look(none);
  EXPECT_EQ(told(), 512);
  look(none);
  EXPECT_EQ(told(), 600);
}

TEST_F(Polled, a_descriptor_that_cannot_be_watched_is_an_error) {
  Recorder one;
  EXPECT_THROW(poller.add(-1, one, {.reading = true}), std::system_error);
  EXPECT_THROW(poller.add_alarm(-1, one), std::system_error);
  EXPECT_FALSE(poller.add_shared(-1, one));
}

TEST_F(Polled, an_alarm_is_reported_once_per_writing) {
  Recorder one;
  const Descriptor alarm{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  poller.add_alarm(alarm.get(), one);
  EXPECT_EQ(look(one), "");
  for (int i = 0; i < 3; ++i) {
    ::eventfd_write(alarm.get(), 1);
    EXPECT_EQ(look(one), "r");
    EXPECT_EQ(look(one), "") << "though nobody has read it";
  }
}

TEST(ADescriptor, is_closed_once_by_its_last_owner) {
  const auto is_open = [](int number) { return ::fcntl(number, F_GETFD) >= 0; };
  const int number = ::dup(0);
  {
    Descriptor one{number};
    Descriptor other{std::move(one)};
    EXPECT_EQ(other.get(), number);
    EXPECT_TRUE(other);
    one = std::move(other);
    EXPECT_FALSE(other);
    EXPECT_TRUE(is_open(number));
    Descriptor later{::dup(0)};
    const int previous = later.get();
    later = std::move(one);
    EXPECT_FALSE(is_open(previous));
    one = std::move(later);
    EXPECT_EQ(one.release(), number);
    EXPECT_FALSE(one);
  }
  EXPECT_TRUE(is_open(number)) << "it was released";
  { const Descriptor last{number}; }
  EXPECT_FALSE(is_open(number));
  EXPECT_FALSE(Descriptor{});
}

}  // namespace
}  // namespace hubbub::runtime

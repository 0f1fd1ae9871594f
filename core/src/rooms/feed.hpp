// Takes turns among all those of a shard who are being brought up to date: whoever has room for more gets one page, a few pages
// are under way at once, and everybody else waits for their turn, in order. So however many come at once, the rooms' members
// wait for no more than a few pages.
//
// Lives on the hub's thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <utility>

#include "rooms/by_member.hpp"
#include "runtime/shard.hpp"
#include "rooms/time_share.hpp"

namespace hubbub::rooms {

class Feed {
 public:
  // `serve` is called for one member at a time, in a task of its own. A call of done() answers each.
  Feed(runtime::Shard& shard, std::function<void(MemberId)> serve) : shard_(shard), serve_(std::move(serve)) {}
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  // The member, who may have gone meanwhile, wants a page.
  void ask(MemberId member) {
    waiting_.push_back(member);
    go_on();
  }

  // What making greetings, and answering questions that take long, may take of the shard's time, in all rooms.
  TimeShare greetings{4, std::chrono::milliseconds{100}};
  TimeShare answers{4, std::chrono::milliseconds{100}};

  // A page has been handed over, or is not to be had.
  void done() {
    --under_way_;
    go_on();
  }

 private:
  static constexpr std::size_t most_under_way = 4;

  void go_on() {
    if (posted_ || waiting_.empty() || under_way_ == most_under_way) return;
    posted_ = true;
    shard_.post([this] {
      posted_ = false;
      const auto next = waiting_.front();
      waiting_.pop_front();
      ++under_way_;
      serve_(next);
      go_on();
    });
  }

  runtime::Shard& shard_;
  std::function<void(MemberId)> serve_;
  std::deque<MemberId> waiting_;
  std::size_t under_way_ = 0;
  bool posted_ = false;
};

}  // namespace hubbub::rooms

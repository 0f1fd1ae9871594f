// The order in which the members of a shard's rooms are brought up to date. A member whose connection has room for more asks for one
// page. A few pages are under way at once; all other members wait for their turn, in order. So however many newcomers there are, the
// other members of the rooms wait for no more than a few pages. A member that resumes and has missed only a few messages does not ask here.
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
  // Calls `serve` with one member at a time, in a task of its own. Each call must be followed by one call of done().
  Feed(runtime::Shard& shard, std::function<void(MemberId)> serve) : shard_(shard), serve_(std::move(serve)) {}
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  // The member wants a page. It may be gone when its turn comes.
  void ask(MemberId member) {
    HUBBUB_ASSERT_OWN_THREAD(shard_);
    waiting_.push_back(member);
    start_next();
  }

  // How much of the shard's time all its rooms together may spend on making greetings, and on answering questions that take long.
  TimeShare greetings{4, std::chrono::milliseconds{100}};
  TimeShare answers{4, std::chrono::milliseconds{100}};

  // The page has been handed over, or there is none.
  void done() {
    HUBBUB_ASSERT_OWN_THREAD(shard_);
    --under_way_;
    start_next();
  }

 private:
  static constexpr std::size_t most_under_way = 4;

  void start_next() {
    if (posted_ || waiting_.empty() || under_way_ == most_under_way) return;
    posted_ = true;
    shard_.post([this] {
      posted_ = false;
      const auto next = waiting_.front();
      waiting_.pop_front();
      ++under_way_;
      serve_(next);
      start_next();
    });
  }

  runtime::Shard& shard_;
  std::function<void(MemberId)> serve_;
  std::deque<MemberId> waiting_;
  std::size_t under_way_ = 0;
  bool posted_ = false;
};

}  // namespace hubbub::rooms

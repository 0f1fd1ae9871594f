// A plugin's greeting, kept for the next newcomers. A greeting shows the plugin's state at one time. A large greeting that may be
// followed (see Greeting) is kept when the state changes: the messages that changed the state are sent behind it. The greeting is
// dropped once these messages weigh more than half of it, so whoever wants to force new greetings has to send that much.
//
// Lives on the room's thread.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "rooms/frames.hpp"
#include "runtime/own_thread.hpp"

namespace hubbub::rooms {

class KeptGreeting {
 public:
  void keep(Parts greeting, bool may_be_followed) {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    const auto may_follow = may_be_followed && greeting.weight >= large ? greeting.weight / 2 : 0;
    kept_ = std::make_unique<Kept>(std::move(greeting), std::vector<Frame>{}, may_follow);
  }

  void forget() {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    kept_.reset();
  }

  bool is_there() const {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    return kept_ != nullptr;
  }

  // The state was changed by a message, which the room's members get as `frame`.
  void follow_with(const Frame& frame) {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    if (!kept_) return;
    if (frame.weight() > kept_->may_follow) return forget();
    kept_->may_follow -= frame.weight();
    kept_->greeting.weight += frame.weight();
    kept_->since.push_back(frame);
  }

  // The greeting, with the frames that follow it. Only if it is_there().
  const Parts& greeting() {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    auto& [greeting, since, may_follow] = *kept_;
    if (since.empty()) return greeting;
    // A part is joined with the frames behind it, unless the part has more frames than there are behind it. So there are few parts, and a
    // message is copied at most once for each part, however often somebody joins between two messages.
    auto& parts = greeting.parts;
    auto last = std::exchange(since, {});
    for (; parts.size() > 1 && parts.back()->size() <= last.size(); parts.pop_back()) last.insert(last.begin(), parts.back()->begin(), parts.back()->end());
    parts.push_back(std::make_shared<const std::vector<Frame>>(std::move(last)));
    return greeting;
  }

 private:
  static constexpr std::size_t large = 64 << 10;  // by weight; a smaller greeting is made anew in less than a millisecond

  struct Kept {
    Parts greeting;
    std::vector<Frame> since;  // frames that follow it, and are not in its parts yet
    std::size_t may_follow;    // how much more may follow, by weight
  };
  std::unique_ptr<Kept> kept_;  // null if no greeting is kept
  [[no_unique_address]] runtime::OwnThread thread_;
};

}  // namespace hubbub::rooms

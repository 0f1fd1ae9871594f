// What a plugin greets newcomers with, kept for those who come next. It is made for the plugin's state at one time. A large one
// that may be followed (see Greeting) stays when that state changes, and is followed by the messages that changed it, until
// these weigh half as much as it does: so making it costs no more than what was sent to the room for it to be made anew.
//
// Lives on the room's thread.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "rooms/frames.hpp"

namespace hubbub::rooms {

class KeptGreeting {
 public:
  void keep(Frames frames, bool may_be_followed) {
    const auto weight = weight_of(*frames);
    frames_ = std::move(frames);
    since_.clear();
    room_left_ = may_be_followed && weight >= large ? weight / 2 : 0;
  }

  void forget() {
    frames_ = nullptr;
    since_ = {};
  }

  bool is_there() const { return frames_ != nullptr; }

  // The state has changed by a message that everybody who is in the room gets as `frame`.
  void follow_with(const Frame& frame) {
    if (!frames_) return;
    if (frame.weight() > room_left_) return forget();
    room_left_ -= frame.weight();
    since_.push_back(frame);
  }

  // With what follows it. Not to be called where there is none.
  const Frames& frames() {
    if (!since_.empty()) {
      auto all = std::make_shared<std::vector<Frame>>();
      all->reserve(frames_->size() + since_.size());
      all->insert(all->end(), frames_->begin(), frames_->end());
      all->insert(all->end(), std::make_move_iterator(since_.begin()), std::make_move_iterator(since_.end()));
      since_.clear();
      frames_ = std::move(all);
    }
    return frames_;
  }

 private:
  static constexpr std::size_t large = 64 << 10;  // by weight; one that is smaller is made anew in less than a millisecond

  Frames frames_;             // null where there is none that would do
  std::vector<Frame> since_;  // what follows them
  std::size_t room_left_ = 0; // for that, by weight
};

}  // namespace hubbub::rooms

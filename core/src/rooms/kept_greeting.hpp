// What a plugin greets newcomers with, kept for those who come next. A greeting is made for the plugin's state at one time. A large
// greeting that may be followed (see Greeting) is kept when that state changes: the messages that changed the state follow it. It
// is made anew once these messages weigh half as much as it does, so whoever wants to make the server work has to send that much.
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
    kept_ = std::make_unique<Kept>(std::move(frames), std::vector<Frame>{}, may_be_followed && weight >= large ? weight / 2 : 0);
  }

  void forget() { kept_.reset(); }

  bool is_there() const { return kept_ != nullptr; }

  // The state has changed by a message that everybody who is in the room gets as `frame`.
  void follow_with(const Frame& frame) {
    if (!kept_) return;
    if (frame.weight() > kept_->room_left) return forget();
    kept_->room_left -= frame.weight();
    kept_->since.push_back(frame);
  }

  // The greeting with what follows it. Only if it is there.
  const Frames& frames() {
    auto& [frames, since, room_left] = *kept_;
    if (!since.empty()) {
      auto all = std::make_shared<std::vector<Frame>>(*frames);
      all->insert(all->end(), since.begin(), since.end());
      since.clear();
      frames = std::move(all);
    }
    return frames;
  }

 private:
  static constexpr std::size_t large = 64 << 10;  // by weight; one that is smaller is made anew in less than a millisecond

  struct Kept {
    Frames frames;
    std::vector<Frame> since;  // what follows them
    std::size_t room_left;     // for that, by weight
  };
  std::unique_ptr<Kept> kept_;  // null if no greeting is kept
};

}  // namespace hubbub::rooms

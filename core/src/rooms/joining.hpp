// The state of a member that is on its way into a room, until it is let in. That is a member that has not been let in yet, or one that
// is no longer told what happens because it is being given something that takes a while. The member is handed what brings it up to date
// in pages, as its connection takes them: first what its plugins greet it with, then what the log has after that. It is let in once
// there is little left.
//
// Lives on the room's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/repetition.hpp"
#include "rooms/frames.hpp"
#include "rooms/join_request.hpp"

namespace hubbub::rooms {

class Joining {
 public:
  enum class Stage {
    waiting,  // for its greeting, or for the room to be open
    called,   // its turn among what the room has decided will come
    reading,  // gets the next page as soon as it has taken the last one
    stalled,  // likewise, as soon as the room is open again
  };

  Joining(std::optional<Position> its_since, bool its_welcome, const ClientKey& its_key)
      : since(std::move(its_since)), welcome(its_welcome), key(its_key) {}

  // Adds to what the member is handed first.
  void greet_with(Frames frames) {
    if (!frames->empty()) greeting_.push_back(std::move(frames));
  }
  bool is_greeted() const { return greeting_.empty(); }

  // Whether the member is being handed pages: then it takes as long as its connection does.
  bool takes_pages() const { return stage == Stage::reading || stage == Stage::stalled; }

  // The next page of the greeting: as many frames as weigh no more than `most` together, and one at least.
  std::vector<Frame> next_page(std::size_t most) {
    std::vector<Frame> page;
    for (std::size_t sum = 0; !greeting_.empty();) {
      const auto& frames = *greeting_.front();
      for (; taken_ < frames.size(); ++taken_) {
        sum += frames[taken_].weight();
        if (sum > most && !page.empty()) return page;
        page.push_back(frames[taken_]);
      }
      greeting_.pop_front();
      taken_ = 0;
    }
    return page;
  }

  void forget_greeting() {
    greeting_.clear();
    taken_ = 0;
  }

  std::optional<Position> since;  // to resume after
  bool welcome;                   // it gets a welcome, in whichever way it comes in
  ClientKey key;
  std::shared_ptr<const void> reader = std::make_shared<char>();  // gone as soon as nobody is to be brought up to date
  Stage stage = Stage::waiting;
  std::uint64_t lists = 0;        // of who is here, that it has missed none of
  bool in_feed = false;           // a page has been asked for
  bool begun = false;             // something has been handed over: there is no other way in any more
  std::uint64_t at = 0;           // the last message that it has
  std::uint64_t newest = 0;       // the last one that there was when it came

 private:
  std::deque<Frames> greeting_;
  std::size_t taken_ = 0;  // frames of the first
};

}  // namespace hubbub::rooms

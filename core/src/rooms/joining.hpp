// The state of a member that is on its way into a room: a newcomer, or a member that gets no messages while it is given the large
// greeting of a new plugin (see Door::introduce). The member is handed pages, as its connection takes them: first the plugins' greeting,
// then the messages that the log has after it. The member is let in once little is left.
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
#include "runtime/own_thread.hpp"

namespace hubbub::rooms {

class Joining {
 public:
  enum class Stage {
    waiting,    // for its greeting, or for the room to be open
    lining_up,  // to be let in: waits for what it lacks to be read, see Door::call_next()
    called,     // waits behind what the room has decided, to be let in
    reading,    // gets the next page as soon as its connection has taken the previous one
    stalled,    // gets the next page as soon as the room is open again
  };

  Joining(std::optional<Position> its_since, bool its_welcome, const ClientKey& its_key)
      : since(std::move(its_since)), welcome(its_welcome), key(its_key) {}

  // Adds to the greeting.
  void greet_with(Frames frames) {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    if (!frames->empty()) greeting_.push_back(std::move(frames));
  }

  // Whether nothing is left of the greeting.
  bool is_greeted() const {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    return greeting_.empty();
  }

  // Whether the member is being handed pages: its connection decides how long that takes.
  bool takes_pages() const {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    return stage == Stage::reading || stage == Stage::stalled;
  }

  // Takes the next page of the greeting: as many frames as weigh at most `most` together, but at least one.
  std::vector<Frame> next_page(std::size_t most) {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
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
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    greeting_.clear();
    taken_ = 0;
  }

  std::optional<Position> since;  // resume after this position; nothing: greet
  bool welcome;                   // the member is sent a welcome, however it comes in
  ClientKey key;                  // for the welcome
  std::shared_ptr<const void> reader = std::make_shared<char>();  // expires with this object, so that the log reads no more for it
  Stage stage = Stage::waiting;
  std::uint64_t lists_seen = 0;   // how many of the lists sent to everybody this member has seen (see Presence::lists)
  bool in_feed = false;           // the member has asked the Feed for a page
  bool has_received = false;      // the member has been handed something, so it can no longer begin anew
  std::uint64_t last_seq = 0;     // the last message that the member has
  std::uint64_t newest = 0;       // the last message in the room when the member came; for the welcome

 private:
  [[no_unique_address]] runtime::OwnThread thread_;
  std::deque<Frames> greeting_;
  std::size_t taken_ = 0;  // how many frames of the first part have been taken
};

}  // namespace hubbub::rooms

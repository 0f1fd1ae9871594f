// Who is in a room, and when everybody is told. A whole list goes to all members, which costs members²; so in a quiet room
// it goes out at once, and in a busy one at most once an interval, always ending with the true list.
//
// Lives on the room's thread, but for what says otherwise.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "protocol/frame.hpp"
#include "rooms/resident.hpp"
#include "rooms/shard.hpp"

namespace hubbub::rooms {

class Presence {
 public:
  // `room` is the room's name as JSON text; `broadcast` sends a frame to all members.
  Presence(Shard& shard, config::Presence settings, std::string room, std::function<void(const Frame&)> broadcast);

  // The member is in `broadcast`'s reach already when it is added, and no longer when it is removed. In between it stays
  // where it is.
  void add(const Resident& member);
  void remove(const Resident& member);

  // In the order in which they came.
  std::span<const Resident* const> members() const { return members_; }

  // How many there are, and who came first, up to `most`. Any thread may call these.
  std::size_t size() const;
  std::vector<std::string> first(std::size_t most) const;

 private:
  std::span<const Resident* const> earliest(std::size_t most) const;
  void say(std::string_view nickname, const char* what);
  void update();
  void send_list();

  Shard& shard_;
  config::Presence settings_;
  std::string room_;
  std::function<void(const Frame&)> broadcast_;
  mutable std::mutex mutex_;            // held to change the members, and to read them on another thread
  std::vector<const Resident*> members_;
  bool quiet_ = true;  // no list was sent within the last interval
  bool due_ = false;   // the last list sent is no longer true
  std::unique_ptr<Timer> timer_;
};

}  // namespace hubbub::rooms

// Who is in a room, and when everybody is told. A whole list goes to all members, which costs members²; so in a quiet room
// it goes out at once, and in a busy one at most once an interval, always ending with the true list.
//
// Lives on the room's thread, but for what says otherwise.
#pragma once

#include <hubbub/plugin.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "protocol/frame.hpp"
#include "rooms/shard.hpp"

namespace hubbub::rooms {

class Presence {
 public:
  // `room` is the room's name as JSON text; `broadcast` sends a frame to all members.
  Presence(Shard& shard, config::Presence settings, std::string room, std::function<void(const Frame&)> broadcast);

  // The member is in `broadcast`'s reach already when it is added, and no longer when it is removed. In between it stays
  // where it is.
  void add(const Member& member);
  void remove(const Member& member);

  // How many there are, and who came first, up to `most`. Any thread may call these.
  std::size_t size() const;
  std::vector<std::string> first(std::size_t most) const;

 private:
  std::span<const Member* const> earliest(std::size_t most) const;
  void say(const std::string& nickname, const char* what);
  void update();
  void send_list();

  Shard& shard_;
  config::Presence settings_;
  std::string room_;
  std::function<void(const Frame&)> broadcast_;
  mutable std::mutex mutex_;            // held to change the members, and to read them on another thread
  std::vector<const Member*> members_;  // in the order of their arrival
  bool quiet_ = true;  // no list was sent within the last interval
  bool due_ = false;   // the last list sent is no longer true
  std::unique_ptr<Timer> timer_;
};

}  // namespace hubbub::rooms

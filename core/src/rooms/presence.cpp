#include "rooms/presence.hpp"

#include <algorithm>
#include <utility>

#include "protocol/encode.hpp"

namespace hubbub::rooms {
namespace {

// Frames of members use numbers from 65536 on (see newest_of in room.cpp), so this one is free.
constexpr std::uint64_t newest_list = 1;

}  // namespace

Presence::Presence(Shard& shard, config::Presence settings, std::string room,
                   std::function<void(const Frame&)> broadcast)
    : shard_(shard), settings_(settings), room_(std::move(room)), broadcast_(std::move(broadcast)) {}

void Presence::add(const Resident& member) {
  {
    const std::lock_guard lock{mutex_};
    members_.push_back(&member);
  }
  update();
  say(member.nickname(), "joined");
}

void Presence::remove(const Resident& member) {
  std::unique_lock lock{mutex_};
  const bool was_here = std::erase(members_, &member) != 0;
  lock.unlock();
  if (!was_here || members_.empty()) return;
  say(member.nickname(), "left");
  update();
}

std::size_t Presence::size() const {
  const std::lock_guard lock{mutex_};
  return members_.size();
}

std::vector<std::string> Presence::first(std::size_t most) const {
  const std::lock_guard lock{mutex_};
  std::vector<std::string> nicknames;
  for (const auto* member : earliest(most)) nicknames.emplace_back(member->nickname());
  return nicknames;
}

std::span<const Resident* const> Presence::earliest(std::size_t most) const {
  return std::span{members_}.first(std::min(members_.size(), most));
}

void Presence::say(std::string_view nickname, const char* what) {
  if (members_.size() > settings_.announce) return;
  broadcast_(encode_system(std::string{nickname} + " " + what + " the room", room_));
}

void Presence::update() {
  due_ = true;
  if (quiet_) send_list();
}

void Presence::send_list() {
  std::vector<std::string_view> nicknames;
  for (const auto* member : earliest(settings_.list)) nicknames.push_back(member->nickname());
  broadcast_(encode_users_update(nicknames, members_.size(), room_, Delivery::may_drop(newest_list)));
  due_ = false;
  quiet_ = false;
  if (!timer_) {
    timer_ = shard_.make_timer([this] {
      quiet_ = true;
      if (due_ && !members_.empty()) send_list();
    });
  }
  timer_->arm(settings_.interval);
}

}  // namespace hubbub::rooms

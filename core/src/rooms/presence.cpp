#include "rooms/presence.hpp"

#include <algorithm>
#include <vector>

#include "protocol/encode.hpp"

namespace hubbub::rooms {
namespace {

// Frames of members use numbers from 65536 on (see newest_of in room.cpp), so this one is free.
constexpr std::uint64_t newest_list = 1;

}  // namespace

Presence::Presence(Shard& shard, config::Presence settings, std::string room,
                   std::function<void(const Frame&)> broadcast)
    : shard_(shard), settings_(settings), room_(std::move(room)), broadcast_(std::move(broadcast)) {}

void Presence::add(MemberId member, std::string nickname) {
  arrival_[member] = arrivals_;
  {
    const std::lock_guard lock{mutex_};
    members_[arrivals_++] = {nickname, json_text(nickname)};
  }
  update();
  say(nickname, "joined");
}

void Presence::remove(MemberId member) {
  const auto arrival = arrival_.find(member);
  if (arrival == arrival_.end()) return;
  std::unique_lock lock{mutex_};
  const auto present = members_.extract(arrival->second);
  lock.unlock();
  arrival_.erase(arrival);
  if (members_.empty()) return;
  say(present.mapped().nickname, "left");
  update();
}

std::size_t Presence::size() const {
  const std::lock_guard lock{mutex_};
  return members_.size();
}

std::vector<std::string> Presence::first(std::size_t most) const {
  const std::lock_guard lock{mutex_};
  std::vector<std::string> nicknames;
  for (const auto& [arrival, present] : members_) {
    if (nicknames.size() == most) break;
    nicknames.push_back(present.nickname);
  }
  return nicknames;
}

void Presence::say(const std::string& nickname, const char* what) {
  if (members_.size() > settings_.announce) return;
  broadcast_(encode_system(nickname + " " + what + " the room", room_));
}

void Presence::update() {
  due_ = true;
  if (quiet_) send_list();
}

void Presence::send_list() {
  std::vector<std::string_view> nicknames;
  nicknames.reserve(std::min(members_.size(), settings_.list));
  for (const auto& [arrival, present] : members_) {
    if (nicknames.size() == settings_.list) break;
    nicknames.push_back(present.json_nickname);
  }
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

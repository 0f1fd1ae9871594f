#include "rooms/presence.hpp"

#include <algorithm>
#include <utility>

#include "protocol/encode.hpp"

namespace hubbub::rooms {
namespace {

// Frames of members use numbers from 65536 on (see newest_of in room_messages.cpp), so this one is free.
constexpr std::uint64_t newest_list = 1;

constexpr std::size_t few = 16;           // members: among these, each line goes out at once
constexpr std::size_t most_lines = 1000;  // that wait
constexpr auto longest_wait = std::chrono::seconds{1};  // of a line: with a longer interval, each goes out at once

constexpr std::size_t most_undecided = 100;  // beyond these, the oldest is settled at once

}  // namespace

Presence::Presence(runtime::Shard& shard, const config::Presence& settings, const std::string& room, Out& out)
    : shard_(shard), settings_(settings), room_(room), out_(out) {}

// Coming and leaving

void Presence::add(const RoomMember& member, bool resumes) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  if (const auto absence = absence_of(member); absence != undecided_.end()) return come_back(absence, member, resumes);
  {
    const std::lock_guard lock{mutex_};
    shown_.push_back(&member);
  }
  update();
  if (!announces()) return;
  if (is_here_otherwise(member)) return tell_of_itself(member, resumes);
  if (resumes && has_other_name(member)) return leave_undecided(member, nullptr);
  say(member.nickname(), " joined the room");
}

void Presence::come_back(Entry absence, const RoomMember& member, bool resumes) {
  const auto before = take(absence);
  {
    const std::lock_guard lock{mutex_};
    *std::ranges::find(shown_, before.who) = &member;
  }
  if (before.who->nickname() == member.nickname()) {
    tell(member);
  } else {
    update();
    say(before.who->nickname(), " is now " + std::string{member.nickname()});
  }
  tell_of_itself(member, resumes);
}

void Presence::remove(std::unique_ptr<RoomMember> member) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  const auto unannounced = std::ranges::find(undecided_, member.get(), &Undecided::who);
  if (unannounced != undecided_.end()) {
    take(unannounced);
    forget(*member);
    return update();
  }
  const auto renamed = std::ranges::find_if(undecided_, [&](const Undecided& it) { return !it.absent && it.who->id() == member->id(); });
  if (renamed != undecided_.end()) {
    forget(*member);
    say(member->nickname(), " is now " + std::string{take(renamed).who->nickname()});
    return update();
  }
  const auto& who = *member;
  if (!who.may_return || settings_.absence.count() == 0 || is_here_otherwise(who)) return settle({&who, std::move(member), {}});
  leave_undecided(who, std::move(member));
}

void Presence::leave_undecided(const RoomMember& who, std::unique_ptr<RoomMember> absent) {
  {
    const std::lock_guard lock{mutex_};
    undecided_.push_back({&who, std::move(absent), shard_.now() + settings_.absence});
  }
  if (undecided_.size() > most_undecided) return settle(take(undecided_.begin()));
  if (undecided_.size() > 1) return;
  if (!absence_timer_) absence_timer_ = shard_.make_timer([this] { settle_due(); });
  absence_timer_->arm(settings_.absence);
}

void Presence::settle_due() {
  while (!undecided_.empty() && undecided_.front().until <= shard_.now()) settle(take(undecided_.begin()));
  if (undecided_.empty()) return;
  absence_timer_->arm(std::chrono::ceil<std::chrono::milliseconds>(undecided_.front().until - shard_.now()));
}

void Presence::settle(Undecided undecided) {
  const auto& who = *undecided.who;
  if (!undecided.absent) return say(who.nickname(), " joined the room");
  forget(who);
  if (announces() && !is_here_otherwise(who)) say(who.nickname(), " left the room");
  update();
}

Presence::Undecided Presence::take(Entry entry) {
  const std::lock_guard lock{mutex_};
  auto taken = std::move(*entry);
  undecided_.erase(entry);
  return taken;
}

void Presence::forget(const RoomMember& who) {
  const std::lock_guard lock{mutex_};
  std::erase(shown_, &who);
}

// If several absent people have the id, prefers the one with the same nickname.
Presence::Entry Presence::absence_of(const RoomMember& person) {
  auto found = undecided_.end();
  for (auto it = undecided_.begin(); it != undecided_.end(); ++it) {
    if (!it->absent || it->who->id() != person.id()) continue;
    found = it;
    if (it->who->nickname() == person.nickname()) break;
  }
  return found;
}

// Whether the person is here by another connection.
bool Presence::is_here_otherwise(const RoomMember& person) const {
  return std::ranges::any_of(shown_, [&](const RoomMember* other) {
    return other != &person && other->id() == person.id() && other->nickname() == person.nickname();
  });
}

bool Presence::has_other_name(const RoomMember& person) const {
  return std::ranges::any_of(shown_, [&](const RoomMember* other) { return other != &person && other->id() == person.id(); });
}

// Who is here

std::vector<const RoomMember*> Presence::members() const {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  auto members = shown_;
  if (!undecided_.empty()) std::erase_if(members, [this](const RoomMember* who) { return is_absent(who); });
  return members;
}

std::size_t Presence::size() const {
  const std::lock_guard lock{mutex_};
  return shown_.size() - static_cast<std::size_t>(std::ranges::count_if(undecided_, [](const Undecided& it) { return it.absent != nullptr; }));
}

std::vector<std::string> Presence::first(std::size_t most) const {
  const std::lock_guard lock{mutex_};
  std::vector<std::string> nicknames;
  for (auto it = shown_.begin(); it != shown_.end() && nicknames.size() < most; ++it) {
    if (!is_absent(*it)) nicknames.emplace_back((*it)->nickname());
  }
  return nicknames;
}

bool Presence::is_absent(const RoomMember* who) const {
  return std::ranges::any_of(undecided_, [&](const Undecided& it) { return it.who == who && it.absent; });
}

// Telling

void Presence::say(std::string_view nickname, std::string_view what) {
  if (!announces()) return;
  lines_.push_back(encode_system(std::string{nickname}.append(what), room_));
  const bool waits = due_ && shown_.size() > few && settings_.interval <= longest_wait;
  if (!waits || lines_.size() >= most_lines) send_lines();
}

// Tells a newcomer that it has joined, even if the others are told nothing.
void Presence::tell_of_itself(const RoomMember& member, bool resumes) {
  send_lines();  // of those who came before it
  if (announces() && !resumes) out_.send(member, encode_system(std::string{member.nickname()} + " joined the room", room_));
}

void Presence::update() {
  due_ = true;
  if (quiet_) send_list();
}

Frame Presence::list() const {
  std::vector<std::string_view> nicknames;
  for (const auto* member : std::span{shown_}.first(std::min(shown_.size(), settings_.list))) nicknames.push_back(member->nickname());
  return encode_users_update(nicknames, shown_.size(), room_, Delivery::may_drop(newest_list));
}

void Presence::send_list() {
  send_lines();
  ++lists_;
  out_.deliver(list());
  due_ = false;
  quiet_ = false;
  if (!timer_) {
    timer_ = shard_.make_timer([this] {
      quiet_ = true;
      if (due_ && !shown_.empty()) return send_list();
      timer_.reset();
    });
  }
  timer_->arm(settings_.interval);
}

}  // namespace hubbub::rooms

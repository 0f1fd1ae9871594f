// Who is in a room, and when everybody is told. A whole list goes to all members, which costs members²; so in a quiet room
// it goes out at once, and in a busy one at most once an interval, always ending with the true list.
//
// The lines that say who came and left are about people, each known by id and nickname, not about connections: whoever may
// return and is back within the time of absence (a reload, a lost connection) was never away, or has another nickname now.
//
// Lives on the room's thread, but for what says otherwise.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "protocol/frame.hpp"
#include "rooms/room_member.hpp"
#include "runtime/shard.hpp"

namespace hubbub::rooms {

class Presence {
 public:
  // The room, which tells its members.
  class Out {
   public:
    virtual void broadcast(Frame frame) = 0;
    virtual void send(const RoomMember& to, const Frame& frame) = 0;

   protected:
    ~Out() = default;
  };

  // `room` is the room's name as JSON text. All of these outlive it.
  Presence(runtime::Shard& shard, const config::Presence& settings, const std::string& room, Out& out);

  // The member is in `broadcast`'s reach already when it is added, and no longer when it is removed. In between it stays
  // where it is. One that `resumes` knows what the room was like a moment ago, and so is not told of its own coming back.
  void add(const RoomMember& member, bool resumes);

  void remove(std::unique_ptr<RoomMember> member);

  // How many lists have been sent to all members.
  std::uint64_t lists() const { return lists_; }

  // Tells a member who is here.
  void tell(const RoomMember& member) { out_.send(member, list()); }

  // In the order in which they came.
  std::vector<const RoomMember*> members() const;

  // How many there are, and who came first, up to `most`. Any thread may call these.
  std::size_t size() const;
  std::vector<std::string> first(std::size_t most) const;

 private:
  // Somebody who is soon here again, or has left; or who has come beside a connection of the same id with another nickname,
  // which soon leaves, or is somebody else.
  struct Undecided {
    const RoomMember* who;
    std::unique_ptr<RoomMember> absent;  // the same, if it is one who has left
    std::chrono::steady_clock::time_point until;
  };
  using Entry = std::vector<Undecided>::iterator;

  bool is_absent(const RoomMember* who) const;
  bool announces() const { return shown_.size() <= settings_.announce; }
  bool is_here_otherwise(const RoomMember& person) const;
  bool has_other_name(const RoomMember& person) const;
  Entry absence_of(const RoomMember& person);
  void come_back(Entry absence, const RoomMember& member, bool resumes);
  void forget(const RoomMember& who);
  void leave_undecided(const RoomMember& who, std::unique_ptr<RoomMember> absent);
  Undecided take(Entry entry);
  void settle(Undecided undecided);
  void settle_due();

  void say(std::string_view nickname, std::string_view what);
  void tell_of_itself(const RoomMember& member, bool resumes);
  void update();
  void send_list();
  Frame list() const;

  runtime::Shard& shard_;
  const config::Presence& settings_;
  const std::string& room_;
  Out& out_;
  mutable std::mutex mutex_;             // held to change the next two, and to read them on another thread
  std::vector<const RoomMember*> shown_;   // members, and who is absent
  std::vector<Undecided> undecided_;     // the oldest first
  std::uint64_t lists_ = 0;
  bool quiet_ = true;  // no list was sent within the last interval
  bool due_ = false;   // the last list sent is no longer true
  std::unique_ptr<runtime::Timer> timer_, absence_timer_;
};

}  // namespace hubbub::rooms

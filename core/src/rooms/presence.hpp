// Knows who is in a room, and tells the members. The whole list goes to all members, which costs members². So a quiet room sends it at
// once, and a busy room at most once an interval; the last list is always true.
//
// Lines say who came and left. In a room of more than 16, they wait for the list that is due, unless the interval is longer than a second, and
// go out before anything else that is broadcast. So a crowd that comes costs one batch for each interval, and not one for each newcomer. A
// newcomer may hear of those who came or left in the interval before.
//
// The lines are about people, known by id and nickname, not about connections. A person who may return (after a reload or a lost
// connection), and does so within the time of absence, is not announced as gone. If the person returns under another nickname, the change of
// nickname is announced.
//
// Lives on the room's thread, except where a function says otherwise.
#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.hpp"
#include "protocol/frame.hpp"
#include "rooms/room_member.hpp"
#include "runtime/shard.hpp"

namespace hubbub::rooms {

class Presence {
 public:
  // The room, which sends to its members.
  class Out {
   public:
    virtual void deliver(Frame frame) = 0;  // to all members
    virtual void send(const RoomMember& to, const Frame& frame) = 0;

   protected:
    ~Out() = default;
  };

  // `room` is the room's name as JSON text. All of these outlive the object.
  Presence(runtime::Shard& shard, const config::Presence& settings, const std::string& room, Out& out);

  // When add() is called, deliver() must already reach the member; when remove() is called, no longer. The object must not move in
  // between. A member that `resumes` knows the room as it was a moment ago, so it is not told that it has joined.
  void add(const RoomMember& member, bool resumes);

  void remove(std::unique_ptr<RoomMember> member);

  // Delivers the lines that wait. To be called before anything else is delivered to all members.
  void send_lines() {
    HUBBUB_ASSERT_OWN_THREAD(shard_);
    while (!lines_.empty()) {
      auto line = std::move(lines_.front());
      lines_.pop_front();
      out_.deliver(std::move(line));
    }
  }

  // How many lists have been sent to all members.
  std::uint64_t lists() const {
    HUBBUB_ASSERT_OWN_THREAD(shard_);
    return lists_;
  }

  // Sends the list to a member.
  void tell(const RoomMember& member) {
    HUBBUB_ASSERT_OWN_THREAD(shard_);
    out_.send(member, list());
  }

  // In the order in which they came.
  std::vector<const RoomMember*> members() const;

  // The number of members, and the nicknames of the first `most`. Any thread may call these.
  std::size_t size() const;
  std::vector<std::string> first(std::size_t most) const;

 private:
  // A change that is not announced yet. Either `who` has gone, and may soon be back. Or `who` has come with the id of another member
  // under another nickname: if the other one soon leaves, that was a change of nickname; if not, they are two people.
  struct Undecided {
    const RoomMember* who;
    std::unique_ptr<RoomMember> absent;  // owns `who` if it has gone; null if it has come
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
  std::vector<const RoomMember*> shown_;   // members, and people who are absent
  std::vector<Undecided> undecided_;     // the oldest first
  std::list<Frame> lines_;  // that wait
  std::uint64_t lists_ = 0;
  bool quiet_ = true;  // no list was sent within the last interval
  bool due_ = false;   // the last list sent is no longer true
  std::unique_ptr<runtime::Timer> timer_, absence_timer_;
};

}  // namespace hubbub::rooms

// The way into one room. A newcomer is greeted by the plugins, or resumes. It is brought up to date, page by page, as fast as its
// connection takes the pages. Once little is left, it is let in, in order with everything that the room has decided. So everybody
// sees each message exactly once.
//
// While the room is not open, newcomers wait. When it opens, each of them continues.
//
// Lives on the room's thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rooms/joinings.hpp"
#include "rooms/audiences.hpp"
#include "rooms/fold.hpp"
#include "rooms/home.hpp"
#include "rooms/journal.hpp"
#include "rooms/time_share.hpp"
#include "rooms/turn.hpp"

namespace hubbub::rooms {

class Door {
 public:
  // The room.
  class Owner {
   public:
    virtual bool is_open() const = 0;
    virtual void reopen() = 0;  // called if the log could not be read
    virtual const plugins::Registry& registry() const = 0;
    virtual Fold& fold() = 0;  // only while the room is open

    // The member has been let in: it gets what is delivered from now on. `joining` says how it came in.
    virtual void on_admitted(RoomMember& member, const Joining& joining) = 0;

   protected:
    ~Owner() = default;
  };

  // All of these must outlive the door. `json_name` is the room's name as JSON text.
  Door(const std::string& name, const std::string& json_name, Home& home, Turn& turn, Journal& journal, Audiences& audiences, Owner& owner)
      : name_(name), json_name_(json_name), home_(home), turn_(turn), journal_(journal), audiences_(audiences), owner_(owner) {}
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  // A new member begins its way in. For the last three see Joining.
  void join(const RoomMember& member, std::optional<Position> since, bool welcome, const ClientKey& key);
  void leave(MemberId id);

  // It is the member's turn in the Feed: gives it the next page. Calls Feed::done() once, now or later.
  void feed(RoomMember& member);

  // The room has opened.
  void open();

  // The plugins have changed. Members that have a greeting but have received no part of it are greeted anew. Members that have
  // received something are closed with `too_slow`, so that they come back.
  void drop_greetings();

  // Gives a member the greeting of plugins that are new to it. If the greeting is larger than a page, the member gets no messages until
  // it has the greeting, and is then let in again, which is not announced. `lists_seen`: see Joining.
  void introduce(RoomMember& member, Parts greeting, std::uint64_t lists_seen);

  // Whether some members cannot come in as planned: their messages could not be read, or the state became void. begin_anew() starts
  // their way in again.
  bool has_to_begin_anew() const {
    HUBBUB_ASSERT_OWN_THREAD(home_.shard);
    return joinings_ && !joinings_->to_begin_anew.empty();
  }
  void begin_anew();

  // Null if the member is not on the way in.
  const Joining* find(MemberId id) const {
    HUBBUB_ASSERT_OWN_THREAD(home_.shard);
    return joinings_ ? joinings_->find(id) : nullptr;
  }

  // The members that are on the way in, in the order in which they came. Some may leave while the caller goes through them.
  std::vector<MemberId> joining_members() const;

 private:
  static constexpr std::uint64_t few = 100;  // messages: a member that lacks no more is let in, see call_next()

  std::size_t page() const;
  void begin(const RoomMember& member, Joining& joining);
  void greet(const RoomMember& member, Joining& joining);
  std::chrono::milliseconds greeting_wait(std::chrono::milliseconds least) const;
  void greet_after(std::chrono::milliseconds wait);
  void greet_waiting();
  void keep_greetings_for_a_while();
  void call_in(const RoomMember& member, Joining& joining);
  void call_next();
  void let_in(MemberId id, std::uint64_t through, const store::Reading& missed, bool holds);
  void read_page(MemberId id, const Joining& joining);
  void take_page(MemberId id, std::uint64_t after, store::Reading reading);
  void ask_feed(MemberId id, Joining& joining);
  void hand_over(const RoomMember& member, Joining& joining, std::vector<Frame> page);
  std::vector<Frame> with_welcome(const RoomMember& member, Joining& joining, std::vector<Frame> page) const;
  void give_up(const RoomMember& member);
  void admit(RoomMember& member, std::vector<Frame> page);
  void suspend(RoomMember& member, std::vector<Frames> greeting, std::uint64_t lists_seen);
  Joining* joining_of(MemberId id);  // null if the member is not on the way in
  Joinings& joinings();
  void forget_joinings();  // if nobody is on the way in

  const std::string& name_;
  const std::string& json_name_;
  Home& home_;
  Turn& turn_;
  Journal& journal_;
  Audiences& audiences_;
  Owner& owner_;
  std::unique_ptr<Joinings> joinings_;          // null if nobody is on the way in
  TimeShare greetings_{10, std::chrono::milliseconds{50}};
  std::unique_ptr<runtime::Timer> forgetter_;   // drops large greetings that the fold keeps
};

}  // namespace hubbub::rooms

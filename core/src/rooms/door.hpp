// The way into one room. Whoever comes is greeted by the plugins, or resumes; is brought up to date as its connection takes it; and
// is let in, in its turn among what the room has decided, once little is left to tell. So everybody sees each message exactly once.
//
// While the room is not open, everybody waits. When it is, all of them go on from where they were.
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
    virtual void reopen() = 0;  // the log could not be read
    virtual const plugins::Registry& registry() const = 0;
    virtual Fold& fold() = 0;  // only while the room is open

    // The member gets what is delivered from now on. `joining` is how it came in.
    virtual void on_admitted(RoomMember& member, const Joining& joining) = 0;

   protected:
    ~Owner() = default;
  };

  // All of them outlive it. `json_name` is the room's name as JSON text.
  Door(const std::string& name, const std::string& json_name, Home& home, Turn& turn, Journal& journal, Audiences& audiences, Owner& owner)
      : name_(name), json_name_(json_name), home_(home), turn_(turn), journal_(journal), audiences_(audiences), owner_(owner) {}
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;

  void come(const RoomMember& member, std::optional<Position> since, bool welcome, const ClientKey& key);
  void leave(MemberId id);

  // Its connection has room for more. Answered by one call of Feed::done(), now or later.
  void feed(RoomMember& member);

  // The room is open again.
  void open();

  // There are other plugins than the ones whose greetings those on the way are being given.
  void drop_greetings();

  // Gives a member what plugins greet it with that are new. It comes in once more if that takes a while, and nobody notices. `lists`
  // is the number of lists of members that it has been sent.
  void introduce(RoomMember& member, Parts greeting, std::uint64_t lists);

  // Who cannot come in as they were to, begin anew.
  bool has_to_begin_anew() const { return joinings_ && !joinings_->again.empty(); }
  void begin_anew();

  // Null if the member is not on the way in.
  const Joining* find(MemberId id) const { return joinings_ ? joinings_->find(id) : nullptr; }

  // As they came. Any of them may be gone when it is their turn.
  std::vector<MemberId> members() const;

  bool is_reading() const { return joinings_ && joinings_->reading != 0; }

 private:
  static constexpr std::uint64_t few = 100;  // messages that may be read while what the room has decided waits behind them

  std::size_t page() const;
  void begin(const RoomMember& member, Joining& joining);
  void greet(const RoomMember& member, Joining& joining);
  std::chrono::milliseconds greeting_wait(std::chrono::milliseconds least) const;
  void greet_after(std::chrono::milliseconds wait);
  void greet_waiting();
  void keep_greetings_for_a_while();
  void call_in(const RoomMember& member, Joining& joining);
  void let_in(MemberId id, std::uint64_t through, store::Reading missed, bool holds);
  void read_page(MemberId id, const Joining& joining);
  void take_page(MemberId id, std::uint64_t after, store::Reading reading);
  void go_on(MemberId id, Joining& joining);
  void hand_over(const RoomMember& member, Joining& joining, std::vector<Frame> page);
  std::vector<Frame> with_welcome(const RoomMember& member, Joining& joining, std::vector<Frame> page) const;
  void give_up(const RoomMember& member);
  void admit(RoomMember& member, std::vector<Frame> page);
  void suspend(RoomMember& member, std::vector<Frames> greeting, std::uint64_t lists);
  Joining* joining_of(MemberId id);  // null if it is not on the way in
  Joinings& joinings();
  void forget_joinings();  // unless they are needed

  const std::string& name_;
  const std::string& json_name_;
  Home& home_;
  Turn& turn_;
  Journal& journal_;
  Audiences& audiences_;
  Owner& owner_;
  std::unique_ptr<Joinings> joinings_;          // as long as somebody is on the way in
  TimeShare greetings_{10, std::chrono::milliseconds{50}};
  std::unique_ptr<runtime::Timer> forgetter_;   // of large greetings
};

}  // namespace hubbub::rooms

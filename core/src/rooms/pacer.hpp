// Holds each sender of a type to the rate that the type declares. Of ephemeral messages that come too fast, the newest waits for its
// turn and replaces the one that waited before. The sender of a logged message or a question is told how long to wait. If a question
// takes long to answer, its answers get at most a tenth of the time in one room, and the slow answers of all rooms of the shard at most
// a quarter, whoever asks.
//
// What concerns one sender is kept in the Sender, and goes with it. Lives on the room's thread.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>

#include "plugins/registry.hpp"
#include "protocol/envelope.hpp"
#include "rooms/by_member.hpp"
#include "rooms/sender.hpp"
#include "rooms/time_share.hpp"
#include "runtime/own_thread.hpp"
#include "runtime/shard.hpp"

namespace hubbub::rooms {

class Pacer {
 public:
  // The room.
  class Owner {
   public:
    // The sender of this member. Null if the member has gone.
    virtual Sender* find_sender(MemberId member) = 0;

    // Takes a message that has waited, when its turn has come.
    virtual void release(Sender& sender, plugins::RouteKey route, Envelope&& envelope) = 0;

    // A message was replaced while it waited.
    virtual void skip(Sender& sender, const Envelope& envelope) = 0;

   protected:
    ~Owner() = default;
  };

  // `all_answers` is the share of the shard's time that answers may take. All of these outlive the pacer.
  Pacer(runtime::Shard& shard, TimeShare& all_answers, Owner& owner) : shard_(shard), all_answers_(all_answers), owner_(owner) {}

  // Zero if a logged message or a question may go now, else how long to wait.
  std::chrono::milliseconds wait(Sender& sender, const plugins::Route& route);

  // Returns the envelope if it may go now; else holds it. Only members' messages are held.
  std::optional<Envelope> pass(Sender& sender, const plugins::Route& route, Envelope envelope);

  // A question of this type has been answered; that `took` this long.
  void answered(const plugins::Route& route, std::chrono::nanoseconds took);

  // Releases what is held, and forgets how long answers took: the types may be about to change.
  void release_all();

 private:
  using Time = Pace::Time;
  struct Due {
    MemberId member;
    plugins::RouteKey route;
  };

  static Pace* find(Sender& sender, plugins::RouteKey route);
  static Pace& pace_of(Sender& sender, const plugins::Route& route, Time now);
  static bool step(Pace& pace, Time now);  // whether a message may go now
  void release(const Due& due, Time now);
  void release_due();
  void arm(Time now);

  std::chrono::steady_clock::duration wait_for_answers(const plugins::Route& question, Time now) const;

  runtime::Shard& shard_;
  TimeShare& all_answers_;
  Owner& owner_;
  std::multimap<Time, Due> due_;  // when each held message may go; the member may have gone
  std::map<std::uint16_t, TimeShare> answers_;  // of questions that have taken long, by the type's number
  std::unique_ptr<runtime::Timer> timer_;
  [[no_unique_address]] runtime::OwnThread thread_;
};

}  // namespace hubbub::rooms

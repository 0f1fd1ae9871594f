// Holds each sender of a type to the rate that the type declares. Of ephemeral messages that come too fast, the newest waits for its
// turn and replaces the one that waited before. The sender of a logged message or a question is told how long to wait. If a question
// takes long to answer, its answers get at most a tenth of the time in one room, and the slow answers of all rooms of the shard at most
// a quarter, whoever asks.
//
// Lives on the room's thread.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "plugins/registry.hpp"
#include "protocol/envelope.hpp"
#include "rooms/by_member.hpp"
#include "runtime/shard.hpp"
#include "rooms/time_share.hpp"

namespace hubbub::rooms {

class Pacer {
 public:
  using Release = std::function<void(MemberId, plugins::RouteKey, Envelope)>;
  using Skip = std::function<void(MemberId, Envelope)>;

  // `release` gets each message that has waited, when its turn has come. `skip` gets each message that was replaced while it waited.
  // `all_answers` is the share of the shard's time that answers may take.
  Pacer(runtime::Shard& shard, TimeShare& all_answers, Release release, Skip skip)
      : shard_(shard), all_answers_(all_answers), release_(std::move(release)), skip_(std::move(skip)) {}

  // Zero if a logged message or a question may go now, else how long to wait.
  std::chrono::milliseconds wait(MemberId member, const plugins::Route& route);

  // Returns the envelope if it may go now; else holds it.
  std::optional<Envelope> pass(MemberId member, const plugins::Route& route, Envelope envelope);

  // A question of this type has been answered; that `took` this long.
  void answered(const plugins::Route& route, std::chrono::nanoseconds took);

  void forget(MemberId member);

  // Releases what is held, and forgets the rates: their types may be about to change.
  void release_all();

 private:
  using Time = std::chrono::steady_clock::time_point;
  using Key = std::pair<MemberId, std::uint16_t>;  // and the type's number
  struct Pace {
    plugins::RouteKey route;
    Time::duration between;  // two messages, at least
    Time free;               // when the next message may go
    std::optional<Envelope> held;
  };

  Pace& pace_of(MemberId member, const plugins::Route& route, Time now);
  static bool step(Pace& pace, Time now);  // whether a message may go now
  void release_due();
  void arm(Time now);

  std::chrono::steady_clock::duration wait_for_answers(const plugins::Route& question, Time now) const;

  runtime::Shard& shard_;
  TimeShare& all_answers_;
  Release release_;
  Skip skip_;
  std::map<Key, Pace> paces_;
  std::multimap<Time, Key> due_;  // when each held message may go
  std::map<std::uint16_t, TimeShare> answers_;  // of questions that have taken long, by the type's number
  std::unique_ptr<runtime::Timer> timer_;
  [[no_unique_address]] runtime::OwnThread thread_;
};

}  // namespace hubbub::rooms

// The members of one room that live on one shard. The room hands it a frame once; at the end of the shard's turn it writes
// all that the turn had to each of them, with one call.
//
// The room owns it from its home shard; everything below is called on the audience's own shard.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "protocol/batch.hpp"
#include "rooms/seats.hpp"
#include "runtime/shard.hpp"

namespace hubbub::rooms {

class Audience final : public runtime::TurnEnd, public std::enable_shared_from_this<Audience> {
 public:
  Audience(runtime::Shard& shard, Seats& seats) : shard_(shard), seats_(seats) {}

  // Brings up to date a connection of this shard that has not been let in (see Sink).
  void catch_up(MemberId member, std::span<const Frame> page, const runtime::Task& more);

  // Lets a member in, after `greeting`: from here on it gets what is delivered. Nothing happens where it has gone.
  void admit(MemberId member, std::span<const Frame> greeting);

  // A member that was let in gets nothing more that is delivered, until it is let in again.
  void suspend(MemberId member);

  void deliver(Frame frame);

  // To one connection of this shard, let in or not, in its order among what is delivered.
  void send(MemberId member, const Frame& frame);
  void close(MemberId member, CloseCode code, const std::string& reason);
  void probe(MemberId member);

  void on_turn_end() override;

 private:
  friend class Seats;

  void flush();
  Seat* up_to_date(MemberId member);
  void given(Seat& seat);
  void remove(std::size_t row);

  runtime::Shard& shard_;
  Seats& seats_;
  std::vector<Sink*> sinks_;  // all that most turns need, and so apart from
  std::vector<Seat*> rows_;   // the seats of the same members
  std::unique_ptr<Batch> batch_;  // null where the turn has had nothing yet
  bool uneven_ = false;      // some have been given a part of the batch, as their seats say
  bool collecting_ = false;  // the turn's end will come
};

}  // namespace hubbub::rooms

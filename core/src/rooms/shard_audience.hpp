// The members of one room that live on one shard. The room hands it a frame once; at the end of the shard's turn it writes
// all that the turn had to each of them, with one call.
//
// The room owns it from its home shard; everything below is called on the audience's own shard, which for another one than the room's
// is what FarAudience is for.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "protocol/batch.hpp"
#include "rooms/audience.hpp"
#include "rooms/subscriptions.hpp"
#include "runtime/shard.hpp"

namespace hubbub::rooms {

class ShardAudience final : public Audience, public runtime::TurnEnd, public std::enable_shared_from_this<ShardAudience> {
 public:
  ShardAudience(runtime::Shard& shard, Subscriptions& subscriptions) : shard_(shard), subscriptions_(subscriptions) {}

  runtime::Shard& shard() const { return shard_; }

  void catch_up(MemberId member, const std::vector<Frame>& page, const runtime::Task& more) override;
  void admit(MemberId member, const std::vector<Frame>& greeting) override;
  void suspend(MemberId member) override;
  void deliver(Frame frame) override;
  void send(MemberId member, const Frame& frame) override;
  void close(MemberId member, CloseCode code, const std::string& reason) override;
  void probe(MemberId member) override;

  void on_turn_end() override;

 private:
  friend class Subscriptions;

  void flush();
  Subscription* up_to_date(MemberId member);
  void given(Subscription& subscription);
  void remove(std::size_t row);

  runtime::Shard& shard_;
  Subscriptions& subscriptions_;
  std::vector<Sink*> sinks_;         // apart from the subscriptions, because most turns need nothing else
  std::vector<Subscription*> rows_;  // of the same members, in the same order
  std::unique_ptr<Batch> batch_;     // null if the turn has had nothing yet
  bool uneven_ = false;      // some members have been given a part of the batch, as their subscriptions say
  bool collecting_ = false;  // the turn's end will come
};

}  // namespace hubbub::rooms

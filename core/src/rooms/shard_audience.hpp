// The members of one room that live on one shard. The room hands the audience each frame once. At the end of the shard's turn the
// audience writes all frames of that turn to each member, with one call.
//
// Used on the audience's own shard. Owned by the room, which may live on another shard and then calls the audience through FarAudience.
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

  runtime::Shard& shard() const { return shard_; }  // any thread

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
  void skip_batch(Subscription& subscription);
  void remove(std::size_t row);

  runtime::Shard& shard_;
  Subscriptions& subscriptions_;
  std::vector<Sink*> sinks_;         // of the members; apart from the subscriptions, because most turns need nothing else
  std::vector<Subscription*> rows_;  // of the members, in the same order
  std::unique_ptr<Batch> batch_;     // null if this turn has no frame yet
  bool uneven_ = false;      // some members have a part of the batch already; their subscriptions say which
  bool collecting_ = false;  // on_turn_end() will be called
};

}  // namespace hubbub::rooms

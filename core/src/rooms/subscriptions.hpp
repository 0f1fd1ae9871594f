// The subscriptions of one shard: one for each of its connections that is in a room or on its way into one, found by member.
//
// Used on that shard's thread alone.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "protocol/sink.hpp"
#include "rooms/by_member.hpp"
#include "runtime/own_thread.hpp"

namespace hubbub::rooms {

class ShardAudience;

// One connection, as its room's audience knows it.
struct Subscription {
  MemberId member_id;
  Sink* sink;
  ShardAudience* audience = nullptr;  // null until the room has let the member in
  std::uint32_t row = 0;    // the member's place in the audience
  std::uint32_t first = 0;  // number of the first frame of the audience's batch that the member has not been given
};

class Subscriptions {
 public:
  // Borrows the subscription, which must stay where it is until remove().
  void add(Subscription& subscription) {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    all_.add(subscription);
  }

  // Takes the member out of its audience too. Frames that the audience has not written to the member yet are dropped.
  void remove(Subscription& subscription);

  // Null if the connection has gone.
  Subscription* find(MemberId member) const {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    return all_.find(member);
  }

  // An empty batch for one turn. All audiences of the shard reuse a few, whose memory is therefore in the cache.
  std::unique_ptr<Batch> take_batch();
  void give_back(std::unique_ptr<Batch> batch);

 private:
  [[no_unique_address]] runtime::OwnThread thread_;
  ByMember<Subscription> all_;
  std::vector<std::unique_ptr<Batch>> batches_;
};

}  // namespace hubbub::rooms

// A shard of this server, with the rooms whose home it is and with its connections to rooms, wherever those rooms live.
#pragma once

#include <memory>

#include "rooms/far_home.hpp"
#include "rooms/figures.hpp"
#include "rooms/place.hpp"
#include "rooms/subscriptions.hpp"
#include "runtime/shard.hpp"

namespace hubbub::rooms {

class Hub;

struct ShardPlace final : Place {
  // All of these must outlive it.
  ShardPlace(runtime::Shard& its_shard, Subscriptions& its_subscriptions, Hub& its_hub)
      : shard(its_shard), subscriptions(its_subscriptions), hub(its_hub) {}

  // On this shard, these are the hub itself and a ShardAudience, so that calls are plain calls.
  RoomHome& rooms() override;
  std::shared_ptr<Audience> audience() override;

  runtime::Shard& shard;
  Subscriptions& subscriptions;
  Hub& hub;
  FarHome far{hub};  // for other shards
  std::unique_ptr<Figures> figures = std::make_unique<Figures>();  // of the rooms whose home is this shard
};

}  // namespace hubbub::rooms

#include "rooms/shard_place.hpp"

#include <utility>

#include "rooms/far_audience.hpp"
#include "rooms/hub.hpp"
#include "rooms/shard_audience.hpp"

namespace hubbub::rooms {

RoomHome& ShardPlace::rooms() {
  if (hub.shard().is_current()) return hub;
  return far;
}

std::shared_ptr<Audience> ShardPlace::audience() {
  auto here = std::make_shared<ShardAudience>(shard, subscriptions);
  if (shard.is_current()) return here;
  return std::make_shared<FarAudience>(std::move(here));
}

}  // namespace hubbub::rooms

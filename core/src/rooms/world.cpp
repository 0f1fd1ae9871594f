#include "rooms/world.hpp"

#include <algorithm>
#include <chrono>
#include <functional>

namespace hubbub::rooms {

Figures& World::figures_of(const runtime::Shard& shard) const {
  return *std::ranges::find(shards, &shard, [](const ShardPlace& place) { return &place.shard; })->figures;
}

std::uint64_t World::open_rooms() const {
  std::uint64_t all = 0;
  for (const auto& place : shards) all += place.figures->rooms.value();
  return all;
}

ServerFigures World::server_figures(std::span<const plugins::LoadedPlugin> loaded) const {
  const auto sum = [this](auto counter) {
    std::uint64_t all = std::invoke(counter, *own_figures).value();
    for (const auto& place : shards) all += std::invoke(counter, *place.figures).value();
    return all;
  };
  ServerFigures now{sum(&Figures::members), sum(&Figures::rooms), sum(&Figures::messages), sum(&Figures::deliveries), {}};
  for (const auto& plugin : loaded) {
    const auto ns = sum([&](Figures& figures) -> Counter& { return figures.ns[plugin.name()]; });
    now.plugins.push_back({plugin.name(), std::chrono::nanoseconds{ns}});
  }
  return now;
}

}  // namespace hubbub::rooms

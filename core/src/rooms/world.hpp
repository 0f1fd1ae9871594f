// What the rooms of a server share: its configuration, its store, and its shards.
#pragma once

#include <hubbub/server_view.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "config/config.hpp"
#include "plugins/registry.hpp"
#include "plugins/suspects.hpp"
#include "protocol/keyed_hash.hpp"
#include "protocol/repetition.hpp"
#include "rooms/crowds.hpp"
#include "rooms/directory.hpp"
#include "rooms/far_home.hpp"
#include "rooms/figures.hpp"
#include "rooms/subscriptions.hpp"
#include "runtime/shard.hpp"
#include "store/log.hpp"

namespace hubbub::rooms {

class Hub;

// A shard: its connections that are members of a room, and the rooms that have their home there.
struct Place {
  runtime::Shard& shard;
  Subscriptions& subscriptions;
  Hub& hub;
  FarHome home{hub};  // for those who live on other shards
  std::unique_ptr<Figures> figures = std::make_unique<Figures>();  // of those rooms
};

// Immutable while the server runs, but for what it counts and lists.
struct World {
  const config::Config& config;
  std::shared_ptr<const plugins::Registry> registry;  // the first one; each hub has the current one
  store::Store& store;
  std::vector<Place> places = {};
  std::unique_ptr<Figures> own_figures = std::make_unique<Figures>();  // of what is done for the whole server, on the outside shard
  std::unique_ptr<ByPlugin<SlowCalls>> slow = std::make_unique<ByPlugin<SlowCalls>>();
  std::unique_ptr<Crowds> crowds = std::make_unique<Crowds>();
  std::unique_ptr<std::atomic<MemberId>> next_guest = std::make_unique<std::atomic<MemberId>>(MemberId{1} << 40);  // beyond all members
  const HashKey homes = HashKey::random();  // by which rooms are spread: no names can be chosen that all land on one shard
  std::unique_ptr<Directory> directory = std::make_unique<Directory>();
  ClientKey secret = random_client_key();  // of which the keys of clients are made
  plugins::Suspects suspects = {};  // as the server found them at its start
  bool spares_greetings = true;     // one that takes a while waits for its share of the time

  // Those of the rooms whose home is `shard`, which has a place.
  Figures& figures_of(const runtime::Shard& shard) const;

  // How many rooms are in memory. Any thread.
  std::uint64_t open_rooms() const;

  // Of the whole server, and of these plugins. Any thread.
  ServerFigures server_figures(std::span<const plugins::LoadedPlugin> loaded) const;
};

}  // namespace hubbub::rooms

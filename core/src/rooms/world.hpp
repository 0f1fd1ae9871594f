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
#include "rooms/figures.hpp"
#include "rooms/shard_place.hpp"
#include "runtime/occasional.hpp"
#include "runtime/shard.hpp"
#include "store/log.hpp"

namespace hubbub::rooms {

// Immutable while the server runs, except for what is counted in it and its directory. Any thread may use those.
struct World {
  const config::Config& config;
  std::shared_ptr<const plugins::Registry> registry;  // the plugins at the start; each hub has the current ones
  store::Store& store;
  std::vector<ShardPlace> shards = {};
  std::unique_ptr<Figures> own_figures = std::make_unique<Figures>();  // of what is done for the whole server, on the outside shard
  std::unique_ptr<ByPlugin<Remarks>> remarks = std::make_unique<ByPlugin<Remarks>>();
  std::unique_ptr<runtime::Occasional> overtaken = std::make_unique<runtime::Occasional>();  // bounds the lines about slow readers
  std::unique_ptr<Crowds> crowds = std::make_unique<Crowds>();
  std::unique_ptr<std::atomic<MemberId>> next_guest = std::make_unique<std::atomic<MemberId>>(MemberId{1} << 40);  // beyond all members
  const HashKey homes = HashKey::random();  // chooses each room's home: nobody can choose names that all land on one shard
  std::unique_ptr<Directory> directory = std::make_unique<Directory>();
  ClientKey secret = random_client_key();  // the keys of clients are made from it
  plugins::Suspects suspects = {};  // read when the server started

  // Where the room with this name is at home, as a number for place(). Only here is a room's home chosen.
  std::size_t home_of(const std::string& room) const { return keyed_hash(homes, room) % shards.size(); }

  // The place of this number: of a room's home, or of where a member lives.
  Place& place(std::size_t number) { return shards[number]; }

  // The figures of the rooms whose home is `shard`, which must have a place.
  Figures& figures_of(const runtime::Shard& shard) const;

  // How many rooms are in memory. Any thread.
  std::uint64_t open_rooms() const;

  // The figures of the whole server and of these plugins. Any thread.
  ServerFigures server_figures(std::span<const plugins::LoadedPlugin> loaded) const;
};

}  // namespace hubbub::rooms

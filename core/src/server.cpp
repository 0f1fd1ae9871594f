#include "server.hpp"

#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <deque>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "api/site.hpp"
#include "net/connections.hpp"
#include "net/io_shard.hpp"
#include "net/listener.hpp"
#include "plugins/registry.hpp"
#include "rooms/hub.hpp"
#include "store/memory.hpp"
#include "store/sqlite_store.hpp"

namespace hubbub {
namespace {

// SIGINT and SIGTERM, blocked in every thread from here on, so that run() can wait for them.
sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

// Each connection takes a descriptor; what the system allows by default is far fewer than the server is meant for.
void allow_descriptors(std::size_t connections) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  constexpr std::size_t others = 64;  // files, the listener, event loops
  if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < connections + others) {
    spdlog::warn("the system allows {} open files, too few for server.connections {}: raise the limit (ulimit -n)",
                 limit.rlim_max, connections);
  }
}

config::Config without_idle_plugins(config::Config config) {
  if (!config.websocket.enabled) config.plugins.enabled.clear();
  return config;
}

std::string url_of(const std::string& host, std::uint16_t port) {
  const bool v6 = host.find(':') != std::string::npos;
  return "http://" + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool is_loopback(const std::string& host) { return host.starts_with("127.") || host == "::1"; }

std::unique_ptr<store::Store> open_store(const config::Store& config) {
  const store::Retention retention{config.retention.messages, config.retention.size, config.retention.age};
  if (config.type == "memory") return std::make_unique<store::MemoryStore>(retention, config.rooms);
  const auto synchronous = config.synchronous == "full" ? store::Synchronous::full : store::Synchronous::normal;
  return std::make_unique<store::SqliteStore>(store::SqliteOptions{config.path, synchronous, retention});
}

}  // namespace

struct Server::Inside {
  explicit Inside(config::Config loaded)
      : config(without_idle_plugins(std::move(loaded))),
        registry(config.plugins),
        files(config.server.static_directory),
        count(config.server.connections) {}

  void build();
  void serve();

  const config::Config config;
  const plugins::Registry registry;
  const api::StaticFiles files;
  net::ConnectionCount count;

  // Only where there are rooms.
  std::unique_ptr<store::Store> store;
  std::optional<rooms::World> world;

  // One of each per thread. The shards are destroyed last: timers and tasks of the others belong to them.
  std::deque<net::IoShard> shards;
  std::deque<rooms::Seats> seats;
  std::deque<rooms::Hub> hubs;
  std::deque<api::Site> sites;
  std::deque<net::Connections> connections;
};

void Server::Inside::build() {
  const auto threads = config.server.threads != 0 ? config.server.threads : std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < threads; ++i) shards.emplace_back(i);
  if (config.websocket.enabled) {
    store = open_store(config.store);
    world.emplace(config, registry, *store);
    for (auto& shard : shards) world->places.push_back({shard, seats.emplace_back(), hubs.emplace_back(shard, *world)});
  }
  for (unsigned i = 0; i < threads; ++i) {
    std::optional<api::RoomEndpoint> rooms;
    if (config.websocket.enabled) rooms.emplace(*world, i);
    connections.emplace_back(shards[i], sites.emplace_back(files, std::move(rooms)), config.http, config.websocket);
  }
}

void Server::Inside::serve() {
  const auto stop_signals = block_stop_signals();
  allow_descriptors(config.server.connections);
  build();
  std::vector<net::Connections*> all;
  for (auto& its : connections) all.push_back(&its);
  for (auto& its : connections) its.introduce(all);
  net::Listener listener{config.server.host, config.server.port, all, count};
  for (auto& shard : shards) shard.start();
  listener.start();

  std::string names;
  for (const auto& plugin : registry.plugins()) names += " " + plugin.name();
  spdlog::info("plugins:{}", names.empty() ? " none" : names);
  spdlog::info("listening on {}{}", url_of(config.server.host, listener.port()),
               is_loopback(config.server.host) ? " (this machine only; server.host decides)" : "");

  int signal = 0;
  sigwait(&stop_signals, &signal);

  spdlog::info("stopping: closing {} connections", count.live());
  listener.stop();
  for (auto& its : connections) its.close_all(CloseCode::going_away, "the server is shutting down");
  if (!count.wait_until_none(std::chrono::steady_clock::now() + config.server.shutdown_timeout)) {
    spdlog::warn("{} connections did not close within server.shutdown_timeout and are cut", count.live());
  }
  for (auto& its : connections) its.cut_all();
  if (store) store->drain();  // what is being committed comes to its end, and then every room's state is kept
  for (std::size_t i = 0; i < hubs.size(); ++i) shards[i].post([&hub = hubs[i]] { hub.close(); });
  for (auto& shard : shards) shard.stop();
  for (auto& shard : shards) shard.join();
  if (store) store->drain();  // while there still are shards for it to answer to
  spdlog::info("stopped");
}

Server::Server(config::Config config) {
  // Here, for main.cpp does not link spdlog and would set a level of its own; and before there are threads.
  spdlog::set_level(spdlog::level::from_str(config.log.level));
  inside_ = std::make_unique<Inside>(std::move(config));
}
Server::~Server() = default;

void Server::run() { inside_->serve(); }

}  // namespace hubbub

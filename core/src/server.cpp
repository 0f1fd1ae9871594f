#include "server.hpp"

#include <hubbub/shown.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <deque>
#include <functional>
#include <latch>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

#include "api/services.hpp"
#include "api/site.hpp"
#include "config/changes.hpp"
#include "config/own_files.hpp"
#include "net/http/server.hpp"
#include "net/listener.hpp"
#include "plugins/suspects.hpp"
#include "rooms/hub.hpp"
#include "rooms/server_calls.hpp"
#include "runtime/io_shard.hpp"
#include "runtime/log.hpp"
#include "store/memory.hpp"
#include "store/sqlite_store.hpp"

namespace hubbub {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

config::Config without_idle_plugins(config::Config config) {
  if (!config.websocket.enabled) config.plugins.enabled.clear();
  return config;
}

std::unique_ptr<store::Store> open_store(const config::Store& config) {
  const store::Retention retention{config.retention.messages, config.retention.size, config.retention.age};
  if (config.type == "memory") return std::make_unique<store::MemoryStore>(retention, config.rooms, config.size);
  const auto synchronous = config.synchronous == "full" ? store::Synchronous::full : store::Synchronous::normal;
  return std::make_unique<store::SqliteStore>(store::SqliteOptions{config.path, synchronous, retention, config.size});
}

config::Json options_of(const config::Config& config, const std::string& plugin) {
  const auto found = std::ranges::find(config.plugins.enabled, plugin, &config::PluginSection::name);
  return found == config.plugins.enabled.end() || !found->section.node ? config::Json{} : found->section.node->json();
}

std::string with_version(const plugins::LoadedPlugin& plugin) { return plugin.name() + " " + escaped(plugin.version(), 32, ""); }

// The plugin or service of this name, or null.
template <typename Loaded>
const Loaded* named(std::span<const Loaded> all, const std::string& name) {
  const auto found = std::ranges::find(all, name, [](const Loaded& each) { return each.name(); });
  return found == all.end() ? nullptr : &*found;
}

// What a reload changes about the plugins, in words, each with its name.
std::vector<std::string> plugin_changes(const plugins::Registry& before, const config::Config& old, const plugins::Registry& after, const config::Config& read) {
  std::vector<std::string> changes;
  for (const auto& plugin : after.plugins()) {
    const auto* its = named(before.plugins(), plugin.name());
    if (!its) {
      changes.push_back("added " + with_version(plugin));
    } else if (std::string_view{its->build()} != plugin.build()) {
      const bool same_version = its->version() == plugin.version();
      changes.push_back("replaced " + with_version(*its) + (same_version ? " by another build" : " by " + with_version(plugin)));
    } else if (options_of(old, plugin.name()) != options_of(read, plugin.name())) {
      changes.push_back("other options for " + plugin.name());
    }
  }
  for (const auto& service : after.services()) {
    const auto* its = named(before.services(), service.name());
    if (!its) {
      changes.push_back("added " + service.name());
    } else if (!its->is_same(service)) {
      changes.push_back("restarted " + service.name());
    }
  }
  for (const auto& plugin : before.plugins()) {
    if (!named(after.plugins(), plugin.name())) changes.push_back("removed " + with_version(plugin));
  }
  for (const auto& service : before.services()) {
    if (!named(after.services(), service.name())) changes.push_back("removed " + service.name());
  }
  return changes;
}

}  // namespace

// Everything that exists from start() to stop(). These two make, start, finish and destroy it; another thread may call close() meanwhile.
struct Server::Run {
  Run(config::Config its_config, std::shared_ptr<const plugins::Registry> registry);
  ~Run();

  void start(plugins::Watchdog& watchdog);
  void close();
  void finish();
  void use(const std::shared_ptr<const plugins::Registry>& loaded);

  void find_suspects();
  void on_all_shards(const std::function<void(std::size_t)>& call);
  void join_all();

  const config::Config config;
  const api::StaticFiles files;
  net::ConnectionCount count;
  Clock::time_point deadline = {};  // for the connections that are being closed; set by close()

  // Only if there are rooms: if websocket.enabled.
  std::unique_ptr<store::Store> store;
  std::optional<rooms::World> world;
  std::optional<plugins::SuspectsFile> suspects;

  // One of each per thread. The shards are destroyed last: timers and tasks of the others belong to them.
  std::deque<runtime::IoShard> shards;
  runtime::IoShard outside{"outside"};  // for work that may wait for the system or for other services: no message waits for it
  std::deque<rooms::Subscriptions> subscriptions;
  std::deque<rooms::Hub> hubs;
  std::optional<rooms::ServerCalls> server_calls;  // this and the next on the outside shard, if there are rooms
  std::optional<api::Services> services;
  std::deque<api::Site> sites;
  std::deque<net::HttpServer> http_servers;
  std::optional<net::Listener> listener;
};

Server::Run::Run(config::Config its_config, std::shared_ptr<const plugins::Registry> registry)
    : config(std::move(its_config)),
      files(config.server.static_directory, config::own_pages(), config.http.content_security_policy),
      count(config.server.connections) {
  const auto threads = config.server.threads != 0 ? config.server.threads : std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < threads; ++i) shards.emplace_back("shard " + std::to_string(i));
  if (config.websocket.enabled) {
    store = open_store(config.store);
    world.emplace(config, std::move(registry), *store);
    find_suspects();
    for (auto& shard : shards) world->shards.push_back({shard, subscriptions.emplace_back(), hubs.emplace_back(shard, *world)});
    server_calls.emplace(outside, *world);
    services.emplace(outside, *world, [this](const std::vector<api::Route>& routes) {
      for (std::size_t i = 0; i < shards.size(); ++i) shards[i].post([&site = sites[i], routes] { site.use(routes); });
    });
  }
  for (unsigned i = 0; i < threads; ++i) {
    std::optional<api::RoomEndpoint> rooms;
    if (config.websocket.enabled) rooms.emplace(*world, i);
    http_servers.emplace_back(shards[i], sites.emplace_back(files, outside, std::move(rooms)), config.http, config.websocket);
  }
  std::vector<net::HttpServer*> all;
  std::vector<net::Connections*> connections;
  for (auto& server : http_servers) {
    all.push_back(&server);
    connections.push_back(&server.connections());
  }
  net::HttpServer::introduce(all);
  listener.emplace(config.server.host, config.server.port, connections, count);
}

// After a start() that failed, threads may still run.
Server::Run::~Run() {
  if (services) outside.post([this] { services->stop(); });
  join_all();
}

// Reads which messages the server was working on when it ended the last time (see plugins/suspects). A store in memory has no file beside
// which they could be kept.
void Server::Run::find_suspects() {
  if (config.store.type == "memory") return;
  auto file = config.store.path;
  file += ".crash";
  world->suspects = plugins::Suspects{file, std::time(nullptr)};
  for (const auto& suspect : world->suspects.all()) {
    log::warn("room={} plugin={} the server ended while it was working on a message of type={}: if the message comes again, it is refused",
              shown_name(suspect.room.data()), suspect.plugin.data(), shown_name(suspect.type.data()));
  }
  suspects.emplace(file, world->suspects);
}

void Server::Run::start(plugins::Watchdog& watchdog) {
  for (auto& shard : shards) shard.start();
  outside.start();
  if (world) {
    outside.post([this, first = world->registry] {
      server_calls->use(first);
      services->use(first);
    });
  }
  listener->start();
  watchdog.set_patience(config.plugins.limits.hang);
  watchdog.tell([this] { listener->rescue(); });
}

void Server::Run::close() {
  if (deadline != Clock::time_point{}) return;
  log::info("stopping: closing {} connections", count.live());
  deadline = Clock::now() + config.server.shutdown_timeout;
  listener->stop();
  for (auto& server : http_servers) server.connections().close_all(CloseCode::going_away, "the server is shutting down");
}

void Server::Run::finish() {
  if (!count.wait_until_none(deadline)) {
    log::warn("{} connections did not close within server.shutdown_timeout and are cut", count.live());
  }
  for (auto& server : http_servers) server.connections().cut_all();
  on_all_shards([](std::size_t) {});  // what connections have said is with the rooms,
  if (store) store->drain();          // and is committed; after that each hub stores the state of its rooms
  if (server_calls) {
    outside.post([this] { server_calls->stop(); });
    outside.post([this] { services->stop(); });
  }
  for (std::size_t i = 0; i < hubs.size(); ++i) shards[i].post([&hub = hubs[i]] { hub.close(); });
  join_all();
  if (store) store->drain();  // before the shards are destroyed, to which the store posts what it has done
}

void Server::Run::join_all() {
  for (auto& shard : shards) shard.stop();
  for (auto& shard : shards) shard.join();
  outside.stop();
  outside.join();
}

void Server::Run::use(const std::shared_ptr<const plugins::Registry>& loaded) {
  if (!world) return;
  on_all_shards([&](std::size_t i) { hubs[i].use(loaded); });
  outside.post([this, loaded] { server_calls->use(loaded); });
  outside.post([this, loaded] { services->use(loaded); });
}

// Runs `call` on each shard, and waits until each shard has run it, has failed to, or has dropped it because it has stopped.
void Server::Run::on_all_shards(const std::function<void(std::size_t)>& call) {
  const auto done = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(shards.size()));
  for (std::size_t i = 0; i < shards.size(); ++i) {
    const std::shared_ptr<void> end{nullptr, [done](void*) { done->count_down(); }};  // destroyed with the task
    shards[i].post([&call, end, i] { call(i); });
  }
  done->wait();
}

Server::Server(config::Config config, plugins::LinkedPlugins linked)
    : linked_(std::move(linked)),
      watchdog_(config.plugins.limits.hang),
      config_(without_idle_plugins(std::move(config))),
      registry_(std::make_shared<const plugins::Registry>(config_.plugins, linked_)) {}

Server::~Server() { stop(); }

void Server::start() {
  const std::lock_guard turn{turn_};
  if (run_) throw std::logic_error("the server runs already");
  auto run = std::make_unique<Run>(config_, registry_);
  run->start(watchdog_);
  const std::lock_guard lock{mutex_};
  run_ = std::move(run);
}

std::uint16_t Server::port() const {
  const std::lock_guard lock{mutex_};
  return run_ ? run_->listener->port() : std::uint16_t{0};
}

std::vector<std::string> Server::plugins() const {
  const std::lock_guard lock{mutex_};
  std::vector<std::string> names;
  for (const auto& plugin : registry_->plugins()) names.push_back(plugin.name());
  for (const auto& service : registry_->services()) names.push_back(service.name());
  return names;
}

Server::Reloaded Server::reload(config::Config config) {
  config = without_idle_plugins(std::move(config));
  const std::lock_guard turn{turn_};
  auto loaded = std::make_shared<const plugins::Registry>(config.plugins, linked_);
  Reloaded reloaded;
  if (run_) reloaded.after_restart = config::changed_options(config, run_->config);
  reloaded.plugins = plugin_changes(*registry_, config_, *loaded, config);
  config_ = std::move(config);
  watchdog_.set_patience(config_.plugins.limits.hang);
  if (run_) run_->use(loaded);
  const std::lock_guard lock{mutex_};
  registry_ = std::move(loaded);
  return reloaded;
}

void Server::close() {
  const std::lock_guard lock{mutex_};
  if (!run_) return;
  run_->close();
  watchdog_.lower_patience(1s);
}

void Server::stop() {
  close();
  const std::lock_guard turn{turn_};
  if (!run_) return;
  close();  // if another thread has started the server meanwhile
  run_->finish();
  watchdog_.tell(nullptr);
  std::unique_ptr<Run> ended;
  {
    const std::lock_guard lock{mutex_};
    ended = std::move(run_);
  }
  ended.reset();
  log::info("stopped");
}

}  // namespace hubbub

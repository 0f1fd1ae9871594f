#include "server.hpp"

#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <deque>
#include <functional>
#include <latch>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "api/site.hpp"
#include "config/file_watch.hpp"
#include "config/own_files.hpp"
#include "net/connections.hpp"
#include "net/io_shard.hpp"
#include "net/listener.hpp"
#include "plugins/registry.hpp"
#include "rooms/hub.hpp"
#include "rooms/server_calls.hpp"
#include "store/memory.hpp"
#include "store/sqlite_store.hpp"

namespace hubbub {
namespace {

// SIGINT, SIGTERM and SIGHUP, blocked in every thread from here on, so that run() can wait for them.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
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

std::string names_of(const plugins::Registry& registry) {
  std::string names;
  for (const auto& plugin : registry.plugins()) names += " " + plugin.name();
  return names.empty() ? " none" : names;
}

// What the configuration was made of, and would be made of if it were there.
std::vector<std::filesystem::path> files_of(const config::Config& config) {
  auto files = config.files->paths();
  if (!config.file.empty()) files.push_back(config.file);
  for (const auto& plugin : config.plugins.enabled) {
    for (const auto& directory : config.plugins.directories) files.push_back(directory / (plugin.name + ".so"));
  }
  return files;
}

}  // namespace

struct Server::Inside {
  Inside(config::Config loaded, ReadConfig its_read_config)
      : config(without_idle_plugins(std::move(loaded))),
        read_config(std::move(its_read_config)),
        registry(std::make_shared<const plugins::Registry>(config.plugins)),
        files(config.server.static_directory, config::own_pages(), config.server.content_security_policy),
        count(config.server.connections) {}

  void build();
  void serve();
  void wait_until_stopped(const sigset_t& signals);
  void reload();
  void note_what_needs_a_restart(const config::Config& read) const;
  void use(std::shared_ptr<const plugins::Registry> loaded);
  void on_all_shards(const std::function<void(std::size_t)>& call);

  const config::Config config;
  const ReadConfig read_config;
  config::Config newest = config;  // of which only the plugins and the log level are in use
  config::Config last_read = config;  // whether it could be used or not
  std::shared_ptr<const plugins::Registry> registry;
  const api::StaticFiles files;
  net::ConnectionCount count;

  // Only where there are rooms.
  std::unique_ptr<store::Store> store;
  std::optional<rooms::World> world;

  // One of each per thread. The shards are destroyed last: timers and tasks of the others belong to them.
  std::deque<net::IoShard> shards;
  std::deque<rooms::Seats> seats;
  std::deque<rooms::Hub> hubs;
  std::optional<rooms::ServerCalls> server_calls;  // on the first shard, where there are rooms
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
    server_calls.emplace(shards.front(), *world);
  }
  for (unsigned i = 0; i < threads; ++i) {
    std::optional<api::RoomEndpoint> rooms;
    if (config.websocket.enabled) rooms.emplace(*world, i);
    connections.emplace_back(shards[i], sites.emplace_back(files, std::move(rooms)), config.http, config.websocket);
  }
}

void Server::Inside::serve() {
  const auto signals = block_signals();
  allow_descriptors(config.server.connections);
  build();
  std::vector<net::Connections*> all;
  for (auto& its : connections) all.push_back(&its);
  for (auto& its : connections) its.introduce(all);
  net::Listener listener{config.server.host, config.server.port, all, count};
  for (auto& shard : shards) shard.start();
  if (server_calls) shards.front().post([this] { server_calls->use(registry); });
  listener.start();

  spdlog::info("configuration: {}", config.file.empty() ? "none, so all plugins that come with the server" : config.file.string());
  spdlog::info("plugins:{}", names_of(*registry));
  spdlog::info("listening on {}{}", url_of(config.server.host, listener.port()),
               is_loopback(config.server.host) ? " (this machine only; server.host decides)" : "");

  wait_until_stopped(signals);

  spdlog::info("stopping: closing {} connections", count.live());
  listener.stop();
  for (auto& its : connections) its.close_all(CloseCode::going_away, "the server is shutting down");
  if (!count.wait_until_none(std::chrono::steady_clock::now() + config.server.shutdown_timeout)) {
    spdlog::warn("{} connections did not close within server.shutdown_timeout and are cut", count.live());
  }
  for (auto& its : connections) its.cut_all();
  if (store) store->drain();  // what is being committed comes to its end, and then every room's state is kept
  if (server_calls) shards.front().post([this] { server_calls->stop(); });
  for (std::size_t i = 0; i < hubs.size(); ++i) shards[i].post([&hub = hubs[i]] { hub.close(); });
  for (auto& shard : shards) shard.stop();
  for (auto& shard : shards) shard.join();
  if (store) store->drain();  // while there still are shards for it to answer to
  spdlog::info("stopped");
}

void Server::Inside::wait_until_stopped(const sigset_t& signals) {
  config::FileWatch watch;
  watch.follow(files_of(last_read), last_read.read);
  for (;;) {
    const timespec moment{0, 500'000'000};
    const int signal = newest.plugins.watch ? sigtimedwait(&signals, nullptr, &moment) : sigwaitinfo(&signals, nullptr);
    if (signal == SIGINT || signal == SIGTERM) return;
    if (signal == SIGHUP) {
      watch.mark();
    } else if (signal >= 0 || !newest.plugins.watch || !watch.look()) {
      continue;
    }
    reload();
    watch.follow(files_of(last_read), last_read.read);
  }
}

// A configuration or a library that does not load changes nothing.
void Server::Inside::reload() {
  spdlog::info("reading the configuration again");
  try {
    last_read = without_idle_plugins(read_config());
    auto loaded = std::make_shared<const plugins::Registry>(last_read.plugins);
    note_what_needs_a_restart(last_read);
    newest = last_read;
    spdlog::set_level(spdlog::level::from_str(newest.log.level));
    use(std::move(loaded));
    spdlog::info("reloaded; plugins:{}", names_of(*registry));
  } catch (const std::exception& error) {
    spdlog::error("not reloaded, and everything stays as it is:\n{}", error.what());
  }
}

void Server::Inside::note_what_needs_a_restart(const config::Config& read) const {
  std::string changed;
  const auto compare = [&](const char* name, bool same) {
    if (!same) changed += (changed.empty() ? "" : ", ") + std::string{name};
  };
  compare("server", read.server == config.server);
  compare("http", read.http == config.http);
  compare("websocket", read.websocket == config.websocket);
  compare("rooms", read.rooms == config.rooms);
  compare("store", read.store == config.store);
  if (!changed.empty()) spdlog::warn("changed, and in use only after a restart: {}", changed);
}

void Server::Inside::use(std::shared_ptr<const plugins::Registry> loaded) {
  if (!world) return;
  on_all_shards([&](std::size_t i) {
    hubs[i].use(loaded);
    if (i == 0) server_calls->use(loaded);
  });
  registry = std::move(loaded);
}

// Runs `call` on each shard, and waits until each shard has run it, has failed to, or has dropped it because it has stopped.
void Server::Inside::on_all_shards(const std::function<void(std::size_t)>& call) {
  const auto done = std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(shards.size()));
  for (std::size_t i = 0; i < shards.size(); ++i) {
    const std::shared_ptr<void> end{nullptr, [done](void*) { done->count_down(); }};  // with the task
    shards[i].post([&call, end, i] { call(i); });
  }
  done->wait();
}

Server::Server(config::Config config, ReadConfig read_config) {
  // Here, for main.cpp does not link spdlog and would set a level of its own; and before there are threads.
  spdlog::set_level(spdlog::level::from_str(config.log.level));
  inside_ = std::make_unique<Inside>(std::move(config), std::move(read_config));
}
Server::~Server() = default;

void Server::run() { inside_->serve(); }

}  // namespace hubbub

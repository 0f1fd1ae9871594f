#include "server.hpp"

#include <hubbub/shown.hpp>
#include <spdlog/spdlog.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <ctime>
#include <deque>
#include <functional>
#include <latch>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "api/site.hpp"
#include "config/file_watch.hpp"
#include "config/own_files.hpp"
#include "net/connections.hpp"
#include "runtime/io_shard.hpp"
#include "net/listener.hpp"
#include "plugins/last_words.hpp"
#include "plugins/registry.hpp"
#include "plugins/suspects.hpp"
#include "plugins/watchdog.hpp"
#include "rooms/hub.hpp"
#include "rooms/server_calls.hpp"
#include "store/memory.hpp"
#include "store/sqlite_store.hpp"

namespace hubbub {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr auto longest_finish = 10s;  // what comes after the last connection, if no plugin hangs

// SIGINT, SIGTERM and SIGHUP, blocked in every thread from here on, so that run() can wait for them.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

// The next of them; 0 if none comes within `time`, which may be null.
int next_signal(const sigset_t& signals, const timespec* time) {
  for (;;) {
    const int signal = sigtimedwait(&signals, nullptr, time);
    if (signal > 0) return signal;
    if (errno == EAGAIN) return 0;
  }
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
  if (config.type == "memory") return std::make_unique<store::MemoryStore>(retention, config.rooms, config.size);
  const auto synchronous = config.synchronous == "full" ? store::Synchronous::full : store::Synchronous::normal;
  return std::make_unique<store::SqliteStore>(store::SqliteOptions{config.path, synchronous, retention, config.size});
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
        files(config.server.static_directory, config::own_pages(), config.http.content_security_policy),
        count(config.server.connections) {}

  void build();
  void find_suspects();
  void serve();

  // On the main thread, which waits for signals and for nothing else.
  enum class Wish { none, reload, stop };
  void ask(Wish what);
  void wait_until_finished(const sigset_t& signals);
  [[noreturn]] static void give_up(const char* why);

  // On the keeper's thread, which may have to wait for plugins.
  void keep_current();
  Wish next_wish();
  void finish();
  void reload();
  void note_what_needs_a_restart(const config::Config& read) const;
  void use(std::shared_ptr<const plugins::Registry> loaded);
  void on_all_shards(const std::function<void(std::size_t)>& call);

  const config::Config config;
  const ReadConfig read_config;
  config::Config newest = config;  // of which only the plugins and the log level are in use
  config::Config last_read = config;  // whether it could be used or not
  plugins::Watchdog watchdog{config.plugins.limits.hang};
  std::shared_ptr<const plugins::Registry> registry;
  const api::StaticFiles files;
  net::ConnectionCount count;

  std::mutex mutex;
  std::condition_variable wished;
  Wish wish = Wish::none;       // under the mutex
  Clock::time_point deadline;   // of who closes; set before the wish to stop
  std::atomic<bool> finished = false;

  // Only where there are rooms.
  std::unique_ptr<store::Store> store;
  std::optional<rooms::World> world;

  // One of each per thread. The shards are destroyed last: timers and tasks of the others belong to them.
  std::deque<runtime::IoShard> shards;
  runtime::IoShard outside{"outside"};  // clients of other services, and what may wait for the system: nobody's messages wait for it
  std::deque<rooms::Seats> seats;
  std::deque<rooms::Hub> hubs;
  std::optional<rooms::ServerCalls> server_calls;  // on the outside shard, if there are rooms
  std::deque<api::Site> sites;
  std::deque<net::Connections> connections;
};

void Server::Inside::build() {
  const auto threads = config.server.threads != 0 ? config.server.threads : std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < threads; ++i) shards.emplace_back("shard " + std::to_string(i));
  if (config.websocket.enabled) {
    store = open_store(config.store);
    world.emplace(config, registry, *store);
    find_suspects();
    for (auto& shard : shards) world->places.push_back({shard, seats.emplace_back(), hubs.emplace_back(shard, *world)});
    server_calls.emplace(outside, *world);
  }
  for (unsigned i = 0; i < threads; ++i) {
    std::optional<api::RoomEndpoint> rooms;
    if (config.websocket.enabled) rooms.emplace(*world, i);
    connections.emplace_back(shards[i], sites.emplace_back(files, std::move(rooms)), config.http, config.websocket);
  }
}

// With a store in memory there is no place for them, and no log in which what they were is missed.
void Server::Inside::find_suspects() {
  if (config.store.type == "memory") return;
  auto file = config.store.path;
  file += ".crash";
  world->suspects = plugins::Suspects{file, std::time(nullptr)};
  for (const auto& suspect : world->suspects.all()) {
    spdlog::warn("room={} plugin={} the server ended while it was working on a message of type={}: if that comes again, it is refused",
                 shown_name(suspect.room.data()), suspect.plugin.data(), shown_name(suspect.type.data()));
  }
  plugins::keep_suspects_in(file, world->suspects);
}

void Server::Inside::serve() {
  std::error_code error;
  const auto& pages = config.server.static_directory;
  if (pages != config::own_pages() && !std::filesystem::is_directory(pages, error)) {
    spdlog::warn("server.static: {} is no directory, so its pages cannot be served", pages.string());
  }
  const auto signals = block_signals();
  allow_descriptors(config.server.connections);
  build();
  std::vector<net::Connections*> all;
  for (auto& its : connections) all.push_back(&its);
  for (auto& its : connections) its.introduce(all);
  net::Listener listener{config.server.host, config.server.port, all, count};
  for (auto& shard : shards) shard.start();
  outside.start();
  if (server_calls) outside.post([this, first = registry] { server_calls->use(first); });
  listener.start();

  spdlog::info("configuration: {}", config.file.empty() ? "none, so all plugins that come with the server" : config.file.string());
  spdlog::info("plugins:{}", names_of(*registry));
  spdlog::info("listening on {}{}", url_of(config.server.host, listener.port()),
               is_loopback(config.server.host) ? " (this machine only; server.host decides)" : "");

  watchdog.tell([&listener] { listener.rescue(); });
  plugins::notice_exit();
  std::thread keeper{[this, main = pthread_self()] {
    keep_current();
    finish();
    finished = true;
    pthread_kill(main, SIGHUP);
  }};
  while (next_signal(signals, nullptr) == SIGHUP) ask(Wish::reload);

  spdlog::info("stopping: closing {} connections", count.live());
  deadline = Clock::now() + config.server.shutdown_timeout;
  listener.stop();
  for (auto& its : connections) its.close_all(CloseCode::going_away, "the server is shutting down");
  ask(Wish::stop);
  wait_until_finished(signals);
  keeper.join();
  watchdog.tell(nullptr);
}

// What came meanwhile is one wish; that to stop comes first.
void Server::Inside::ask(Wish what) {
  {
    const std::lock_guard lock{mutex};
    wish = std::max(wish, what);
  }
  wished.notify_all();
}

Server::Inside::Wish Server::Inside::next_wish() {
  std::unique_lock lock{mutex};
  const auto is_there = [this] { return wish != Wish::none; };
  if (newest.plugins.watch) {
    wished.wait_for(lock, 500ms, is_there);
  } else {
    wished.wait(lock, is_there);
  }
  return wish == Wish::stop ? wish : std::exchange(wish, Wish::none);
}

void Server::Inside::keep_current() {
  config::FileWatch watch;
  watch.follow(files_of(last_read), last_read.read);
  for (auto next = next_wish(); next != Wish::stop; next = next_wish()) {
    if (next == Wish::reload) {
      watch.mark();
    } else if (!newest.plugins.watch || !watch.look()) {
      continue;
    }
    reload();
    watch.follow(files_of(last_read), last_read.read);
  }
}

void Server::Inside::finish() {
  if (!count.wait_until_none(deadline)) {
    spdlog::warn("{} connections did not close within server.shutdown_timeout and are cut", count.live());
  }
  for (auto& its : connections) its.cut_all();
  if (store) store->drain();  // what is being committed comes to its end, and then every room's state is kept
  if (server_calls) outside.post([this] { server_calls->stop(); });
  for (std::size_t i = 0; i < hubs.size(); ++i) shards[i].post([&hub = hubs[i]] { hub.close(); });
  for (auto& shard : shards) shard.stop();
  for (auto& shard : shards) shard.join();
  outside.stop();
  outside.join();
  if (store) store->drain();  // while there still are shards for it to answer to
  spdlog::info("stopped");
}

// Ends the process if it is told to once more, or if it is late and something hangs.
void Server::Inside::wait_until_finished(const sigset_t& signals) {
  watchdog.lower_patience(1s);
  while (!finished) {
    constexpr timespec moment{0, 100'000'000};
    const auto signal = next_signal(signals, &moment);
    if (finished) return;
    if (signal == SIGINT || signal == SIGTERM) give_up("the server is told to stop for the second time: it ends at once");
    if (Clock::now() < deadline) continue;
    const auto hanging = plugins::hanging_calls();
    for (const auto& call : hanging) {
      spdlog::error("room={} plugin={} {} does not return, and server.shutdown_timeout is over", shown_name(call.room), call.plugin, call.name);
    }
    if (!hanging.empty()) give_up("the server ends without what hangs");
    if (Clock::now() > deadline + longest_finish) give_up("the server does not come to its end, as with a disk that does not answer: it ends now");
  }
}

void Server::Inside::give_up(const char* why) {
  plugins::note_hanging_calls();
  spdlog::error("{}", why);
  spdlog::default_logger()->flush();
  plugins::end_now(1);
}

// A configuration or a library that does not load changes nothing.
void Server::Inside::reload() {
  spdlog::info("reading the configuration again");
  try {
    last_read = without_idle_plugins(read_config());
    auto loaded = std::make_shared<const plugins::Registry>(last_read.plugins);
    note_what_needs_a_restart(last_read);
    newest = last_read;
    watchdog.set_patience(newest.plugins.limits.hang);
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
  on_all_shards([&](std::size_t i) { hubs[i].use(loaded); });
  outside.post([this, loaded] { server_calls->use(loaded); });
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

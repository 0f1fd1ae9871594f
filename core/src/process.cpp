#include "process.hpp"

#include <hubbub/shown.hpp>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <ctime>
#include <exception>
#include <filesystem>
#include <ranges>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "config/file_watch.hpp"
#include "plugins/last_words.hpp"
#include "plugins/watchdog.hpp"
#include "runtime/log.hpp"

namespace hubbub {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto longest_finish = 10s;  // for stopping after server.shutdown_timeout, if no plugin hangs

// Blocks SIGINT, SIGTERM and SIGHUP, in every thread that is started from here on too, so that run() can wait for them. Returns the three.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

// Waits for the next of `signals`. Returns 0 if none comes within `time`; if that is null, waits until one comes.
int next_signal(const sigset_t& signals, const timespec* time) {
  for (;;) {
    const int signal = sigtimedwait(&signals, nullptr, time);
    if (signal > 0) return signal;
    if (errno == EAGAIN) return 0;
  }
}

// Raises the limit of descriptors: each connection takes one, and the system's default is far too low for what the server is meant for.
void allow_descriptors(std::size_t connections) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  constexpr std::size_t others = 64;  // files, the listener, event loops
  if (limit.rlim_max != RLIM_INFINITY && limit.rlim_max < connections + others) {
    log::warn("the system allows {} open files, too few for server.connections {}: raise the limit (ulimit -n)",
              limit.rlim_max, connections);
  }
}

std::string url_of(const std::string& host, std::uint16_t port) {
  const bool v6 = host.find(':') != std::string::npos;
  return "http://" + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool is_loopback(const std::string& host) { return host.starts_with("127.") || host == "::1"; }

// " chat draw", or " none".
std::string list(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += " " + name;
  return text.empty() ? " none" : text;
}

// "one, other", with at most 20 of `all`.
std::string some(const std::vector<std::string>& all) {
  constexpr std::size_t most = 20;
  std::string text;
  for (const auto& each : all | std::views::take(most)) text += (text.empty() ? "" : ", ") + each;
  return all.size() > most ? text + " and " + std::to_string(all.size() - most) + " more" : text;
}

// The files that the configuration and its plugins were read from, and those that would be read if they existed.
std::vector<std::filesystem::path> files_of(const config::Config& config) {
  auto files = config.files->paths();
  if (!config.file.empty()) files.push_back(config.file);
  for (const auto& plugin : config.plugins.enabled) {
    for (const auto& directory : config.plugins.directories) files.push_back(directory / (plugin.name + ".so"));
  }
  return files;
}

config::Config with_log_level(config::Config config) {
  log::set_level(config.log.level);
  return config;
}

[[noreturn]] void give_up(const char* why) {
  plugins::note_hanging_calls();
  log::error("{}", why);
  log::flush();
  plugins::end_now(1);
}

}  // namespace

Process::Process(config::Config config, ReadConfig read_config)
    : read_config_(std::move(read_config)), config_(with_log_level(std::move(config))), server_(config_) {}

void Process::run() {
  const auto signals = block_signals();
  allow_descriptors(config_.server.connections);
  server_.start();
  log::info("configuration: {}", config_.file.empty() ? "none, so all plugins that come with the server" : config_.file.string());
  log::info("plugins:{}", list(server_.plugins()));
  log::info("listening on {}{}", url_of(config_.server.host, server_.port()),
            is_loopback(config_.server.host) ? " (this machine only; server.host decides)" : "");

  plugins::notice_exit();
  std::thread keeper{[this, main = pthread_self()] {
    keep_current();
    server_.stop();
    finished_ = true;
    pthread_kill(main, SIGHUP);
  }};
  while (next_signal(signals, nullptr) == SIGHUP) ask(Wish::reload);

  const auto deadline = Clock::now() + config_.server.shutdown_timeout;
  server_.close();
  ask(Wish::stop);
  wait_until_finished(signals, deadline);
  keeper.join();
}

// Wishes that come while another is being fulfilled are one wish. The wish to stop comes first.
void Process::ask(Wish what) {
  {
    const std::lock_guard lock{mutex_};
    wish_ = std::max(wish_, what);
  }
  wished_.notify_all();
}

Process::Wish Process::next_wish() {
  std::unique_lock lock{mutex_};
  const auto is_there = [this] { return wish_ != Wish::none; };
  if (newest_.plugins.watch) {
    wished_.wait_for(lock, 500ms, is_there);
  } else {
    wished_.wait(lock, is_there);
  }
  return wish_ == Wish::stop ? wish_ : std::exchange(wish_, Wish::none);
}

void Process::keep_current() {
  config::FileWatch watch;
  watch.follow(files_of(last_read_), last_read_.read);
  for (auto next = next_wish(); next != Wish::stop; next = next_wish()) {
    if (next == Wish::reload) {
      watch.mark();
    } else if (!newest_.plugins.watch || !watch.look()) {
      continue;
    }
    reload();
    watch.follow(files_of(last_read_), last_read_.read);
  }
}

// A configuration or a library that does not load changes nothing.
void Process::reload() {
  log::info("reading the configuration again");
  try {
    last_read_ = read_config_();
    const auto [after_restart, plugins] = server_.reload(last_read_);
    newest_ = last_read_;
    if (!after_restart.empty()) log::warn("changed, and in use only after a restart: {}", some(after_restart));
    if (!plugins.empty()) log::info("changed plugins: {}", some(plugins));
    log::set_level(newest_.log.level);
    log::info("reloaded; plugins:{}", list(server_.plugins()));
  } catch (const std::exception& error) {
    log::error("not reloaded, and everything stays as it is:\n{}", error.what());
  }
}

// Ends the process at a second signal to stop, or if the server has not stopped in time.
void Process::wait_until_finished(const sigset_t& signals, Clock::time_point deadline) {
  while (!finished_) {
    constexpr timespec moment{0, 100'000'000};
    const auto signal = next_signal(signals, &moment);
    if (finished_) return;
    if (signal == SIGINT || signal == SIGTERM) give_up("the server is told to stop for the second time: it ends at once");
    if (Clock::now() < deadline) continue;
    const auto hanging = plugins::hanging_calls();
    for (const auto& call : hanging) {
      log::error("room={} plugin={} {} does not return, and server.shutdown_timeout is over", shown_name(call.room), call.plugin, call.name);
    }
    if (!hanging.empty()) give_up("the server ends, and does not wait for what hangs");
    if (Clock::now() <= deadline + longest_finish) continue;
    give_up("the server cannot stop in order, perhaps because a disk does not answer: it ends now");
  }
}

}  // namespace hubbub

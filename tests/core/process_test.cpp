// A server as a process: what it says, what it takes up when its configuration is read again, and how it ends. Its configuration is read
// from an environment, its signals are sent to its main thread.
#include "process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "config/config.hpp"
#include "core/log_lines.hpp"
#include "core/net/client.hpp"
#include "core/server_config.hpp"

namespace hubbub {
namespace {

using net::test::Client;
using net::test::WebsocketClient;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using Lines = std::vector<std::string>;

// A process that serves, from construction to stop().
class Running {
 public:
  explicit Running(const config::Environment& environment = {}) : Running(environment, config_of(environment)) {}
  Running(const config::Environment& environment, config::Config first)
      : newest_{environment}, process_{std::in_place, std::move(first), [this] {
                  const std::lock_guard lock{mutex_};
                  return config_of(newest_);
                }} {
    main_ = std::thread{[this] { process_->run(); }};
    started = log.until("listening on ");
    const auto& line = started.back();
    const auto end = line.find(' ', line.find("http://"));
    const auto url = line.substr(0, end);
    port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    if (main_.joinable()) stop();
  }

  void signal(int which) { ::pthread_kill(main_.native_handle(), which); }

  // What it says of another configuration.
  Lines reload(config::Environment environment) {
    {
      const std::lock_guard lock{mutex_};
      newest_ = std::move(environment);
    }
    signal(SIGHUP);
    log.until("reading the configuration again");
    return log.until("reloaded");
  }
  // What else it says until it has ended.
  Lines stop(int with = SIGTERM) {
    signal(with);
    main_.join();
    auto lines = log.until("stopped");
    process_.reset();
    return lines;
  }

  WebsocketClient join(const std::string& room) const { return WebsocketClient{port, "Sec-WebSocket-Protocol: hubbub.v1\r\n", 0, "/api/ws?room=" + room}; }

  LogLines log;
  Lines started;
  std::uint16_t port = 0;

 private:
  std::mutex mutex_;
  config::Environment newest_;  // under the mutex
  std::optional<Process> process_;
  std::thread main_;
};

// Reads until the type has come.
void wait_for(WebsocketClient& client, const std::string& type) {
  while (client.receive().payload.find("\"type\":\"" + type + "\"") == std::string::npos) {
  }
}

TEST(Process, says_with_what_it_runs_and_where_it_listens_and_how_it_ends) {
  Running server;
  ASSERT_EQ(server.started.size(), 3U);
  EXPECT_EQ(server.started[0], "configuration: none, so all plugins that come with the server");
  EXPECT_EQ(server.started[1], "plugins: chat");
  EXPECT_EQ(server.started[2], "listening on http://127.0.0.1:" + std::to_string(server.port) + " (this machine only; server.host decides)");
  EXPECT_THAT(server.stop(), ElementsAre("stopping: closing 0 connections", "stopped"));
}

TEST(Process, says_of_an_address_that_others_can_reach_nothing_more) {
  for (const auto& [host, url, note] : std::vector<std::array<std::string, 3>>{{"0.0.0.0", "http://0.0.0.0:", ""},
                                                                              {"127.1.2.3", "http://127.1.2.3:", " (this machine only; server.host decides)"},
                                                                              {"::1", "http://[::1]:", " (this machine only; server.host decides)"},
                                                                              {"::", "http://[::]:", ""}}) {
    const Running server{{{"HUBBUB_SERVER__HOST", host}}};
    EXPECT_EQ(server.started.back(), "listening on " + url + std::to_string(server.port) + note);
  }
}

TEST(Process, without_websockets_loads_no_plugins) {
  Running server{{{"HUBBUB_WEBSOCKET__ENABLED", "false"}}};
  EXPECT_EQ(server.started[1], "plugins: none");
  EXPECT_EQ(server.reload({{"HUBBUB_WEBSOCKET__ENABLED", "false"}, {"HUBBUB_PLUGINS__PROBE", "{}"}}).back(), "reloaded; plugins: none");
}

TEST(Process, warns_if_the_system_allows_too_few_open_files) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_max > 900'000) GTEST_SKIP() << "the system allows as many as there may be connections";
  const Running enough{{{"HUBBUB_SERVER__CONNECTIONS", std::to_string(limit.rlim_max - 64)}}};
  EXPECT_EQ(enough.started.size(), 3U);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_EQ(limit.rlim_cur, limit.rlim_max) << "it takes all that it may have";
  const auto connections = std::to_string(limit.rlim_max - 63);
  const Running server{{{"HUBBUB_SERVER__CONNECTIONS", connections}}};
  EXPECT_EQ(server.started.front(), "the system allows " + std::to_string(limit.rlim_max) + " open files, too few for server.connections " + connections +
                                        ": raise the limit (ulimit -n)");
}

TEST(Process, is_stopped_by_either_signal_and_closes_everybody_with_1001) {
  for (const int signal : {SIGINT, SIGTERM}) {
    Running server;
    auto jane = server.join("one"), bob = server.join("other");
    wait_for(jane, "users_update");
    wait_for(bob, "users_update");
    server.signal(signal);
    for (auto* client : {&jane, &bob}) {
      for (;;) {
        const auto got = client->receive();
        if (got.opcode != net::test::close) continue;
        EXPECT_EQ(got.payload, net::test::close_payload(1001, "the server is shutting down"));
        break;
      }
      client->send(net::test::frame(net::test::close, net::test::close_payload(1001)));
    }
    EXPECT_THAT(server.stop(SIGHUP), ElementsAre("stopping: closing 2 connections", "stopped")) << "nothing is read again then";
  }
}

TEST(Process, cuts_who_does_not_close_in_time_and_says_how_many) {
  Running server{{{"HUBBUB_SERVER__SHUTDOWN_TIMEOUT", "100ms"}}};
  auto jane = server.join("one"), bob = server.join("other");
  EXPECT_THAT(server.stop(), ElementsAre("stopping: closing 2 connections", "2 connections did not close within server.shutdown_timeout and are cut", "stopped"));
}

// However often it is read, what is compared is what the server started with.
TEST(Process, says_at_each_reload_what_waits_for_a_restart_until_that_is_as_it_was) {
  Running server;
  const std::vector<std::pair<std::string, std::pair<std::string, std::string>>> parts = {
      {"server.connections", {"HUBBUB_SERVER__CONNECTIONS", "77"}}, {"http.timeout", {"HUBBUB_HTTP__TIMEOUT", "7s"}},
      {"websocket.max_depth", {"HUBBUB_WEBSOCKET__MAX_DEPTH", "7"}}, {"rooms.members", {"HUBBUB_ROOMS__MEMBERS", "7"}},
      {"store.rooms", {"HUBBUB_STORE__ROOMS", "7"}},
  };
  config::Environment all;
  std::string names;
  for (const auto& [name, change] : parts) {
    SCOPED_TRACE(name);
    for (int i = 0; i < 3; ++i) EXPECT_THAT(server.reload({change}), ElementsAre("changed, and in use only after a restart: " + name, "reloaded; plugins: chat"));
    for (int i = 0; i < 2; ++i) EXPECT_THAT(server.reload({}), ElementsAre("reloaded; plugins: chat"));
    all.insert(change);
    names += (names.empty() ? "" : ", ") + name;
  }
  EXPECT_EQ(server.reload(all).front(), "changed, and in use only after a restart: " + names);
  EXPECT_EQ(server.reload({parts[3].second}).front(), "changed, and in use only after a restart: rooms.members") << "of which the others are as they were";
  EXPECT_THAT(server.reload({{"HUBBUB_LOG__LEVEL", "debug"}, {"HUBBUB_PLUGINS__CHAT", R"({"history": 3})"}, {"HUBBUB_PLUGINS__LIMITS__HANG", "9s"}}),
              Not(testing::Contains(HasSubstr("restart"))));
  server.reload({});
}

TEST(Process, logs_as_much_as_it_was_told_last) {
  Running server;
  EXPECT_EQ(spdlog::get_level(), spdlog::level::info);
  for (const auto& [name, level] : std::vector<std::pair<std::string, spdlog::level::level_enum>>{
           {"debug", spdlog::level::debug}, {"info", spdlog::level::info}, {"trace", spdlog::level::trace}, {"info", spdlog::level::info}}) {
    EXPECT_EQ(server.reload({{"HUBBUB_LOG__LEVEL", name}}).back(), "reloaded; plugins: chat");
    EXPECT_EQ(spdlog::get_level(), level);
  }
}

TEST(Process, has_the_plugins_of_the_last_configuration_that_could_be_used) {
  Running server;
  EXPECT_EQ(server.reload({{"HUBBUB_PLUGINS__PROBE", "{}"}}).back(), "reloaded; plugins: chat probe");
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(server.reload({{"HUBBUB_PLUGINS__PROBE", "{}"}, {"HUBBUB_PLUGINS__NO_SYMBOL", "{}"}}).back(),
                AllOf(StartsWith("not reloaded, and everything stays as it is:\n"), HasSubstr("plugins.no_symbol: "), HasSubstr("exports no hubbub_plugin")));
    EXPECT_THAT(server.reload({{"HUBBUB_SERVER__PORT", "many"}}).back(), AllOf(StartsWith("not reloaded, and everything stays as it is:\n"), HasSubstr("HUBBUB_SERVER__PORT")));
  }
  auto jane = server.join("room");
  wait_for(jane, "users_update");
  jane.send(net::test::frame(net::test::text, R"({"type":"note","content":1})"));
  wait_for(jane, "note");
  EXPECT_EQ(server.reload({}).back(), "reloaded; plugins: chat");
  wait_for(jane, "types");
  jane.send(net::test::frame(net::test::text, R"({"type":"note","content":1})"));
  wait_for(jane, "error");
}

TEST(Process, says_at_a_reload_which_plugins_have_come_and_gone_and_changed) {
  const Folder folder;
  const auto build = [&](const std::string& name, const std::string& file) {
    std::filesystem::copy(std::filesystem::path{HUBBUB_FIXTURE_DIR} / file, folder.path / name, std::filesystem::copy_options::overwrite_existing);
  };
  for (const auto* file : {"probe.so", "tally.so", "clerk.so"}) build(file, file);
  const config::Environment first{{"HUBBUB_PLUGINS__DIRECTORY", folder.path}, {"HUBBUB_PLUGINS__TALLY", "{}"}, {"HUBBUB_PLUGINS__CLERK", "{}"}};
  Running server{first};
  const auto changed = [&](const config::Environment& environment) {
    for (const auto& line : server.reload(environment)) {
      if (line.starts_with("changed plugins: ")) return line.substr(17);
    }
    return std::string{};
  };
  EXPECT_EQ(changed(first), "");
  auto next = first;
  next["HUBBUB_PLUGINS__PROBE"] = "{}";
  next["HUBBUB_PLUGINS__CHAT__HISTORY"] = "3";
  next["HUBBUB_PLUGINS__CLERK__EVERY"] = "1h";
  EXPECT_THAT(changed(next), testing::MatchesRegex("other options for chat, added probe [0-9.]+, restarted clerk"));
  std::ofstream{folder.path / "probe.so", std::ios::binary | std::ios::app} << folder.path;
  build("tally.so", "tally_next.so");
  EXPECT_THAT(changed(next), testing::MatchesRegex("replaced probe [0-9.]+ by another build, replaced tally [0-9.]+ by tally 99.0.0"));
  EXPECT_THAT(changed({{"HUBBUB_PLUGINS__CHAT__HISTORY", "3"}}), testing::MatchesRegex("removed probe [0-9.]+, removed tally 99.0.0, removed clerk"));
}

TEST(Process, takes_a_call_to_hang_after_the_time_that_it_was_told_last) {
  const Folder folder;
  const auto pipe = folder.path / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const config::Environment deadly{{"HUBBUB_PLUGINS__DEADLY", "{}"}, {"HUBBUB_PLUGINS__LIMITS__HANG", "1h"}};
  Running server{deadly};
  auto jane = server.join("stuck");
  wait_for(jane, "users_update");
  auto hasty = deadly;
  hasty["HUBBUB_PLUGINS__LIMITS__HANG"] = "100ms";
  EXPECT_THAT(server.reload(hasty), ElementsAre("reloaded; plugins: chat deadly"));
  jane.send(net::test::frame(net::test::text, R"({"type":"whim","content":{"in":"on_message","how":")" + pipe.string() + "\"}}"));
  EXPECT_THAT(server.log.until("has not returned").back(), StartsWith("room=stuck plugin=deadly on_message type=whim has not returned since "));
  std::ofstream{pipe};  // is what it waits for
  EXPECT_THAT(server.log.until("has returned").back(), StartsWith("room=stuck plugin=deadly on_message type=whim has returned, after "));
}

TEST(Process, lets_plugins_that_have_come_do_what_they_do_for_the_whole_server) {
  const Folder folder;
  std::filesystem::copy(std::filesystem::path{HUBBUB_FIXTURE_DIR} / "ticker.so", folder.path / "ticker.so");
  std::ofstream{folder.path / "ticker.so", std::ios::binary | std::ios::app} << folder.path;  // so it counts anew, whatever was loaded before
  Running server;
  EXPECT_EQ(server.reload({{"HUBBUB_PLUGINS__TICKER", R"({"every":"0ms"})"}, {"HUBBUB_PLUGINS__DIRECTORY", folder.path}}).back(), "reloaded; plugins: chat ticker");
  EXPECT_EQ(server.log.until("on_server").back(), "plugin=ticker on_server failed: three is too many");
}

// What a file is watched against is what it was when it was last read.
TEST(Process, reads_its_configuration_again_when_the_library_is_back_that_was_there_before_the_last_reload) {
  const Folder folder;
  const config::Environment watching{{"HUBBUB_PLUGINS__WATCH", "true"}, {"HUBBUB_PLUGINS__DIRECTORY", folder.path}, {"HUBBUB_PLUGINS__PROBE", "{}"}};
  const auto probe = folder.path / "probe.so", other = folder.path / "other";
  for (const auto& file : {probe, other}) std::filesystem::copy(std::filesystem::path{HUBBUB_FIXTURE_DIR} / "probe.so", file);
  std::ofstream{other, std::ios::binary | std::ios::app} << "another build";
  auto first = config_of(watching);
  first.read += std::chrono::hours{1};  // the library has been there for long
  Running server{watching, std::move(first)};
  std::filesystem::rename(probe, folder.path / "before");
  std::filesystem::rename(other, probe);
  EXPECT_EQ(server.reload(watching).back(), "reloaded; plugins: chat probe");
  std::filesystem::rename(folder.path / "before", probe);
  EXPECT_EQ(server.log.until("reloaded").back(), "reloaded; plugins: chat probe") << "by itself";
}

TEST(Process, reads_its_configuration_again_when_a_library_is_another_in_any_of_the_directories) {
  const Folder folder, first_place;
  const config::Environment watching{{"HUBBUB_PLUGINS__WATCH", "true"}, {"HUBBUB_PLUGINS__DIRECTORY", folder.path}, {"HUBBUB_PLUGINS__PROBE", "{}"}};
  const auto probe = folder.path / "probe.so", other = folder.path / "other";
  for (const auto& file : {probe, other}) std::filesystem::copy(std::filesystem::path{HUBBUB_FIXTURE_DIR} / "probe.so", file);
  const auto set_age = [](const auto& file, std::chrono::hours age) { std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() - age); };
  set_age(probe, std::chrono::hours{1});
  set_age(other, std::chrono::hours{-1});  // changed since the configuration was read, whenever the server first looks at it
  auto first = config_of(watching);
  first.plugins.directories.insert(first.plugins.directories.begin(), first_place.path);
  Running server{watching, std::move(first)};
  std::filesystem::rename(other, probe);
  EXPECT_EQ(server.log.until("reloaded").back(), "reloaded; plugins: chat probe") << "by itself";
}

// By files that belong to a configuration, whether or not that could be used.
TEST(Process, reads_its_configuration_again_when_a_library_is_there_that_was_missing) {
  const Folder folder;
  const config::Environment watching{{"HUBBUB_PLUGINS__WATCH", "true"}, {"HUBBUB_PLUGINS__DIRECTORY", folder.path}};
  Running server{watching};
  auto wanting = watching;
  wanting["HUBBUB_PLUGINS__PROBE"] = "{}";
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(server.reload(wanting).back(), AllOf(StartsWith("not reloaded"), HasSubstr("there is no library probe.so")));
    std::filesystem::copy(std::filesystem::path{HUBBUB_FIXTURE_DIR} / "probe.so", folder.path / "probe.so");
    EXPECT_EQ(server.log.until("reloaded").back(), "reloaded; plugins: chat probe") << "by itself";
    EXPECT_EQ(server.reload(watching).back(), "reloaded; plugins: chat");
    std::filesystem::remove(folder.path / "probe.so");
  }
  wanting["HUBBUB_PLUGINS__WATCH"] = "false";
  EXPECT_THAT(server.reload(wanting).back(), StartsWith("not reloaded"));
  std::filesystem::copy(std::filesystem::path{HUBBUB_FIXTURE_DIR} / "probe.so", folder.path / "probe.so");
  EXPECT_EQ(server.log.until("reloaded").back(), "reloaded; plugins: chat probe") << "the newest that could be used says that files are watched";
}

}  // namespace
}  // namespace hubbub

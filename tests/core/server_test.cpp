// The server as an object: started, stopped and given another configuration as often as one likes, several of them in one process.
#include "server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hubbub/plugin.hpp>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "core/log_lines.hpp"
#include "core/net/client.hpp"
#include "core/server_config.hpp"

namespace hubbub {
namespace {

using net::test::WebsocketClient;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

WebsocketClient join(const Server& server, const std::string& room) {
  return WebsocketClient{server.port(), "Sec-WebSocket-Protocol: hubbub.v1\r\n", 0, "/api/ws?room=" + room};
}

void say(WebsocketClient& client, const std::string& message) { client.send(net::test::frame(net::test::text, message)); }

// The first of this type that comes.
std::string next(WebsocketClient& client, const std::string& type) {
  for (;;) {
    auto payload = client.receive().payload;
    if (payload.find("\"type\":\"" + type + "\"") != payload.npos) return payload;
  }
}

unsigned close_code(WebsocketClient& client) {
  for (;;) {
    const auto got = client.receive();
    if (got.opcode != net::test::close) continue;
    client.send(net::test::frame(net::test::close, got.payload));
    return static_cast<unsigned char>(got.payload.at(0)) * 256U + static_cast<unsigned char>(got.payload.at(1));
  }
}

// What failed, in words.
template <class Call>
std::string failure(Call call) {
  try {
    call();
    return "nothing failed";
  } catch (const std::exception& error) {
    return error.what();
  }
}

std::ptrdiff_t entries(const char* directory) {
  return std::distance(std::filesystem::directory_iterator{directory}, std::filesystem::directory_iterator{});
}

// A plugin that is part of this program.
class Echo final : public Plugin {
  Verdict on_message(const Member&, Message message) const override { return reply(std::move(message)); }
};

}  // namespace
}  // namespace hubbub

HUBBUB_PLUGIN(hubbub::Echo, hubbub::question("echo"))

namespace hubbub {
namespace {


TEST(Server, starts_and_stops_as_often_as_one_likes) {
  Server server{config_of({})};
  EXPECT_EQ(server.port(), 0);
  server.stop();  // which is nothing
  for (int i = 0; i < 3; ++i) {
    server.start();
    EXPECT_EQ(failure([&] { server.start(); }), "the server runs already");
    auto jane = join(server, "garden");
    next(jane, "users_update");
    std::thread closing{[&] { server.stop(); }};
    EXPECT_EQ(close_code(jane), 1001U);
    closing.join();
    EXPECT_EQ(server.port(), 0);
    EXPECT_EQ(failure([&] { server.start(); server.stop(); }), "nothing failed");
  }
}

TEST(Server, leaves_the_process_and_its_log_as_they_are) {
  const LogLines log;
  const auto level = spdlog::get_level();
  auto config = config_of({});
  config.log.level = "off";
  {
    Server server{config};
    server.start();
    server.reload(config);
    EXPECT_EQ(spdlog::get_level(), level);
  }
  EXPECT_THAT(log.take(""), ElementsAre("stopping: closing 0 connections", "stopped")) << "when it goes";
}

TEST(Server, is_one_of_several_in_a_process_each_with_rooms_and_plugins_of_its_own) {
  Server one{config_of({})}, other{config_of({{"HUBBUB_PLUGINS__PROBE", "{}"}})};
  one.start();
  other.start();
  EXPECT_NE(one.port(), other.port());
  auto jane = join(one, "garden");
  auto bob = join(other, "garden");
  EXPECT_THAT(next(jane, "system"), HasSubstr("joined"));
  next(bob, "system");
  say(jane, R"({"type":"note","content":1})");
  EXPECT_THAT(next(jane, "error"), HasSubstr("unknown_type"));
  say(bob, R"({"type":"note","content":1})");
  next(bob, "note");
  say(jane, R"({"type":"message","content":"jane's"})");
  next(jane, "message");
  say(bob, R"({"type":"message","content":"bob's"})");
  EXPECT_THAT(next(bob, "message"), HasSubstr("bob's")) << "and not what was said in the room of that name on the other server";
  std::thread closing{[&] { one.stop(); }};
  EXPECT_EQ(close_code(jane), 1001U);
  closing.join();
  say(bob, R"({"type":"message","content":"still here"})");
  EXPECT_THAT(next(bob, "message"), HasSubstr("still here"));
}

TEST(Server, tells_what_becomes_of_another_configuration) {
  Server server{config_of({})};
  server.start();
  EXPECT_THAT(server.plugins(), ElementsAre("chat"));
  EXPECT_THAT(server.reload(config_of({{"HUBBUB_PLUGINS__PROBE", "{}"}})).after_restart, IsEmpty());
  EXPECT_THAT(server.plugins(), ElementsAre("chat", "probe"));
  EXPECT_THAT(server.reload(config_of({{"HUBBUB_ROOMS__MEMBERS", "7"}, {"HUBBUB_HTTP__TIMEOUT", "7s"}})).after_restart, ElementsAre("http.timeout", "rooms.members"));
  EXPECT_THAT(server.plugins(), ElementsAre("chat"));
  EXPECT_THROW(server.reload(config_of({{"HUBBUB_PLUGINS__NO_SYMBOL", "{}"}})), config::Error);
  EXPECT_THAT(server.plugins(), ElementsAre("chat")) << "as before";
}

TEST(Server, runs_with_the_newest_configuration_when_it_starts_again) {
  Server server{config_of({})};
  server.start();
  EXPECT_THAT(server.reload(config_of({{"HUBBUB_ROOMS__MEMBERS", "1"}})).after_restart, ElementsAre("rooms.members"));
  server.stop();
  EXPECT_THAT(server.reload(config_of({{"HUBBUB_ROOMS__MEMBERS", "1"}, {"HUBBUB_PLUGINS__PROBE", "{}"}})).after_restart, IsEmpty()) << "it does not run";
  server.start();
  auto jane = join(server, "garden");
  next(jane, "users_update");
  say(jane, R"({"type":"note","content":1})");
  next(jane, "note");
  auto bob = join(server, "garden");
  EXPECT_EQ(close_code(bob), 1013U) << "the room is full";
}

TEST(Server, says_why_it_cannot_start_and_leaves_nothing_behind) {
  const Folder folder;
  Server first{config_of({})};
  first.start();
  const auto port = std::to_string(first.port());
  const config::Environment same{{"HUBBUB_SERVER__PORT", port}, {"HUBBUB_STORE__TYPE", "sqlite"}, {"HUBBUB_STORE__PATH", folder.path / "hubbub.db"}};
  Server second{config_of(same)};
  const auto descriptors = entries("/proc/self/fd"), threads = entries("/proc/self/task");
  EXPECT_EQ(failure([&] { second.start(); }), "port " + port + " is already in use on 127.0.0.1: stop the other server or set server.port");
  EXPECT_EQ(entries("/proc/self/fd"), descriptors);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (entries("/proc/self/task") != threads) {  // a thread that has been joined is listed for a moment yet
    ASSERT_LT(std::chrono::steady_clock::now(), end) << "a thread is left";
    std::this_thread::yield();
  }
  EXPECT_EQ(second.port(), 0);
  auto elsewhere = same;
  elsewhere["HUBBUB_SERVER__PORT"] = "0";
  Server third{config_of(elsewhere)};
  third.start();  // the store is free
  EXPECT_THAT(failure([&] { Server{config_of(elsewhere)}.start(); }), AllOf(HasSubstr("store.path: "), HasSubstr("hubbub.db")));
  first.stop();
  second.reload(config_of({{"HUBBUB_SERVER__PORT", port}}));
  second.start();
  EXPECT_EQ(std::to_string(second.port()), port);
}

TEST(Server, has_plugins_that_are_linked_in_and_needs_no_directory_of_libraries_for_them) {
  const Folder folder;
  const config::Environment environment{{"HUBBUB_PLUGINS__CHAT", ""}, {"HUBBUB_PLUGINS__ECHO", "{}"}};
  const auto only_there = [&](config::Environment more = {}) {
    more.insert(environment.begin(), environment.end());
    auto config = config_of(more);
    config.plugins.directories = {folder.path / "none"};
    return config;
  };
  Server server{only_there(), {{"echo", echo}}};
  server.start();
  EXPECT_THAT(server.plugins(), ElementsAre("echo"));
  auto jane = join(server, "garden");
  say(jane, R"({"type":"echo","content":"hello"})");
  EXPECT_THAT(next(jane, "echo"), HasSubstr("hello"));
  server.reload(only_there());
  EXPECT_THAT(server.plugins(), ElementsAre("echo")) << "again";

  EXPECT_THAT(failure([&] { Server{only_there()}; }), HasSubstr("plugins.echo: there is no library echo.so"));
  auto named = only_there();
  named.plugins.enabled.front().name = "reverb";
  EXPECT_THAT(failure([&] { Server{named, {{"reverb", echo}}}; }), HasSubstr("the plugin in the program calls itself echo"));
  auto foreign = echo;
  foreign.fingerprint = "hubbub-abi 0, compiler 1.2.3";
  EXPECT_THAT(failure([&] { Server{only_there(), {{"echo", foreign}}}; }), HasSubstr("plugins.echo: the plugin echo in the program was built for another server ("));
  EXPECT_THAT(failure([&] { Server{only_there({{"HUBBUB_PLUGINS__ECHO", R"({"volume":1})"}}), {{"echo", echo}}}; }), HasSubstr("volume: unknown option"));
}

TEST(Server, runs_services_beside_its_rooms) {
  const LogLines log;
  Server server{config_of({{"HUBBUB_PLUGINS__CENSUS", R"({"every":"1h"})"}})};
  EXPECT_THAT(server.plugins(), ElementsAre("chat", "census"));
  server.start();
  EXPECT_EQ(log.until("plugin=census").back(), "plugin=census 0 people in 0 rooms");
  auto jane = join(server, "garden");
  next(jane, "users_update");
  server.reload(config_of({{"HUBBUB_PLUGINS__CENSUS", R"({"every":"2h"})"}, {"HUBBUB_PLUGINS__CLERK", R"({"every":"1h"})"}}));
  EXPECT_EQ(log.until("plugin=census").back(), "plugin=census 1 people in 1 rooms");
  EXPECT_EQ(log.until("plugin=clerk").back(), "plugin=clerk clerk starts");
  server.stop();
  EXPECT_THAT(log.take("plugin=clerk"), ElementsAre("plugin=clerk clerk stops"));
}

TEST(Server, has_a_service_that_hangs_trouble_no_room) {
  for (const std::string call : {"start", "on_timer"}) {
    const LogLines log;
    const Folder folder;
    const auto pipe = folder.path / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    Server server{config_of({{"HUBBUB_PLUGINS__LIMITS__HANG", "100ms"},
                             {"HUBBUB_PLUGINS__CLERK", Json{{"in", call}, {"how", pipe.string()}, {"every", "10ms"}}.dump()}})};
    server.start();
    EXPECT_THAT(log.until("has not returned").back(), HasSubstr("plugin=clerk " + call + " has not returned"));
    auto jane = join(server, "garden");
    next(jane, "users_update");
    say(jane, R"({"type":"message","content":"hello"})");
    next(jane, "message");
    server.reload(config_of({}));
    EXPECT_THAT(server.plugins(), ElementsAre("chat"));
    jane.shut();
    std::ofstream{pipe};  // is what it waits for
    server.stop();
    EXPECT_THAT(log.take("plugin=clerk clerk"), testing::Contains("plugin=clerk clerk stops"));
  }
}

}  // namespace
}  // namespace hubbub

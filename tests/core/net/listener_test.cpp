#include "net/listener.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hubbub/plugin.hpp>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <deque>
#include <future>
#include <optional>
#include <set>
#include <string_view>
#include <thread>
#include <vector>

#include "core/net/allocations.hpp"
#include "core/net/client.hpp"
#include "core/net/server.hpp"
#include "core/plugins/caller.hpp"
#include "core/log_lines.hpp"
#include "plugins/watchdog.hpp"

namespace hubbub::net::test {
namespace {

Answer ok(const Request&) { return Response{200, {}, "fine"}; }

std::string failure_of(const std::string& host, std::uint16_t port) {
  FunctionHandler handler{ok};
  runtime::IoShard shard;
  const auto config = patient();
  ConnectionCount count{1};
  HttpServer server{shard, handler, config.http, config.websocket};
  try {
    const Listener listener{host, port, {&server.connections()}, count};
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(Listener, TakesAFreePortForZeroAndSaysWhich) {
  Server server{ok};
  EXPECT_NE(server.port(), 0);
  Client client{server.port()};
  EXPECT_EQ(get(client, "/").body, "fine");
}

TEST(Listener, SaysWhatToDoWhenThePortIsTaken) {
  Server server{ok};
  const auto port = std::to_string(server.port());
  EXPECT_EQ(failure_of("127.0.0.1", server.port()),
            "port " + port + " is already in use on 127.0.0.1: stop the other server or set server.port");
}

TEST(Listener, SaysWhatToDoAboutAHostThatCannotBe) {
  EXPECT_THAT(failure_of("localhost", 0), testing::HasSubstr("\"localhost\" is not an IP address"));
  EXPECT_THAT(failure_of("", 0), testing::HasSubstr("is not an IP address"));
  EXPECT_THAT(failure_of("192.0.2.1", 0), testing::HasSubstr("192.0.2.1 is not an address of this computer"));
}

TEST(Listener, ListensOnIPv6) {
  auto config = patient();
  config.server.host = "::";  // and so on IPv4, which the client speaks
  Server server{ok, config};
  Client client{server.port()};
  EXPECT_EQ(get(client, "/").status(), 200);
}

TEST(Listener, HandsConnectionsToTheShardsInTurn) {
  const auto config = patient();
  std::deque<runtime::IoShard> shards(3);
  std::atomic<unsigned> served[3] = {};
  std::deque<FunctionHandler> handlers;
  std::deque<HttpServer> servers;
  std::vector<Connections*> all;
  ConnectionCount count{100};
  for (std::size_t i = 0; i < 3; ++i) {
    handlers.emplace_back([&, i](const Request&) -> Answer {
      served[i] += shards[i].is_current();
      return Response{200, {}, ""};
    });
    all.push_back(&servers.emplace_back(shards[i], handlers[i], config.http, config.websocket).connections());
  }
  Listener listener{"127.0.0.1", 0, all, count};
  for (auto& shard : shards) shard.start();
  listener.start();
  for (int i = 0; i < 9; ++i) {
    Client client{listener.port()};
    get(client, "/");
  }
  for (const auto& times : served) EXPECT_EQ(times, 3U);
  for (auto* some : all) some->cut_all();
  for (auto& shard : shards) shard.stop();
  for (auto& shard : shards) shard.join();
}

TEST(Listener, GivesEachConnectionANumberOfItsOwn) {
  std::set<std::uint64_t> numbers;
  Server server{[&](const Request& request) -> Answer {
    numbers.insert(request.connection);
    return Response{200, {}, ""};
  }};
  for (int i = 0; i < 5; ++i) {
    Client client{server.port()};
    get(client, "/");
    get(client, "/");
  }
  EXPECT_EQ(server.on_shard([&] { return numbers.size(); }), 5U);
}

TEST(Listener, Answers503BeyondTheLimitUntilSomebodyLeaves) {
  auto config = patient();
  config.server.connections = 2;
  Server server{ok, config};
  Client first{server.port()}, second{server.port()};
  EXPECT_EQ(get(first, "/").status(), 200);
  EXPECT_EQ(get(second, "/").status(), 200);
  {
    Client third{server.port()};
    third.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
    const auto refused = read_reply(third);
    EXPECT_EQ(refused.status(), 503);
    EXPECT_NE(refused.header("Retry-After"), "");
    EXPECT_EQ(third.read_to_end(), "");
  }
  EXPECT_EQ(server.count().live(), 2U);
  EXPECT_EQ(get(first, "/").status(), 200);
  first.shut();
  EXPECT_EQ(first.read_to_end(), "");
  while (server.count().live() == 2) std::this_thread::yield();
  Client fourth{server.port()};
  EXPECT_EQ(get(fourth, "/").status(), 200);
}

// Whether the 64 that were refused last can still read why, and only they: the rest are closed, with what they said unread.
bool keeps_the_newest_of_those_it_refuses() {
  auto config = patient();
  config.server.connections = 1;
  Server server{ok, config};
  Client inside{server.port()};
  get(inside, "/");
  constexpr std::size_t kept = 64, all = kept + 6;
  std::deque<Client> refused;
  while (refused.size() < all) refused.emplace_back(server.port()).send("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
  EXPECT_EQ(read_reply(refused.back()).status(), 503);
  server.on_shard([] {});
  for (std::size_t i = 0; i < all; ++i) {
    bool is_open = true;
    try {
      refused[i].send("more");
    } catch (const std::exception&) {
      is_open = false;
    }
    if (is_open != (i >= all - kept)) return false;
  }
  return true;
}

// They are kept for a second: that is tried again where the machine was too busy.
TEST(Listener, GivesWhoWasRefusedLastTimeToReadWhyHoweverManyFollow) {
  bool as_it_should = false;
  for (int attempt = 0; attempt < 20 && !as_it_should; ++attempt) as_it_should = keeps_the_newest_of_those_it_refuses();
  EXPECT_TRUE(as_it_should);
}

// Who wants to can come and go at the limit as often as they like.
TEST(Listener, SaysThatItIsFullOnceAMinuteHoweverOftenSomebodyGetsInMeanwhile) {
  LogLines log;
  auto config = patient();
  config.server.connections = 1;
  Server server{ok, config};
  const auto times_said = [&] { return server.on_shard([&] { return log.take("the server is full").size(); }); };
  const auto refuse = [&] {
    Client client{server.port()};
    client.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
    EXPECT_EQ(read_reply(client).status(), 503);
  };
  for (int round = 0; round < 3; ++round) {
    Client first{server.port()};
    EXPECT_EQ(get(first, "/").status(), 200);
    EXPECT_EQ(times_said(), 0U);
    for (int i = 0; i < 3; ++i) refuse();
    EXPECT_EQ(times_said(), round == 0 ? 1U : 0U) << round;
    first.shut();
    first.read_to_end();
    while (server.count().live() == 1) std::this_thread::yield();
  }
}

// A server with two threads, of which the first does not return from a plugin.
class OneHangs {
 public:
  OneHangs() {
    for (std::size_t i = 0; i < shards_.size(); ++i) {
      handlers_.emplace_back([i](const Request&) -> Answer { return Response{200, {}, std::to_string(i)}; });
      all_.push_back(&servers_.emplace_back(shards_[i], handlers_[i], config_.http, config_.websocket).connections());
    }
    listener_.emplace("127.0.0.1", 0, all_, count_);
    for (auto& shard : shards_) shard.start();
    listener_->start();
    std::promise<void> there;
    shards_[0].post([&there, until = go_on_.get_future().share()] {
      const plugins::Call call{"slow", "", nullptr, "apply"};
      there.set_value();
      until.wait();
    });
    there.get_future().wait();
  }
  ~OneHangs() {
    go_on_.set_value();
    listener_->stop();
    for (auto* some : all_) some->cut_all();
    for (auto& shard : shards_) shard.stop();
    for (auto& shard : shards_) shard.join();
  }
  OneHangs(const OneHangs&) = delete;
  OneHangs& operator=(const OneHangs&) = delete;

  Listener& listener() { return *listener_; }
  void wait_until_it_is_noticed() {
    plugins::wait_until([this] { return shards_[0].hangs(); });
  }

 private:
  const plugins::Watchdog watchdog_{50ms};
  std::promise<void> go_on_;
  const config::Config config_ = patient();
  std::deque<runtime::IoShard> shards_{2};
  std::deque<FunctionHandler> handlers_;
  ConnectionCount count_{100};
  std::deque<HttpServer> servers_;
  std::vector<Connections*> all_;
  std::optional<Listener> listener_;
};

TEST(Listener, LeavesOutAThreadThatHangsAndHandsOnWhoWaitedForIt) {
  OneHangs server;
  std::deque<Client> early;  // half of whom the thread is given that does not come to them
  for (int i = 0; i < 4; ++i) early.emplace_back(server.listener().port()).send("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
  server.wait_until_it_is_noticed();
  for (int i = 0; i < 4; ++i) {
    Client late{server.listener().port()};
    EXPECT_EQ(get(late, "/").body, "1");
  }
  server.listener().rescue();
  for (auto& client : early) EXPECT_EQ(read_reply(client).body, "1");
}

TEST(Listener, SaysOnceAMinuteAndServesOnEachTimeTheProcessRanOutOfDescriptors) {
  const bool logs = std::string_view{HUBBUB_SANITIZER} == "none";  // what checks a logger's memory takes descriptors
  const LogLines log;
  Server server{ok};
  Client before{server.port()};
  get(before, "/");

  for (int round = 0; round < 2; ++round) {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    const auto last = static_cast<rlim_t>(runtime::Descriptor{::dup(0)}.get());
    const rlimit one_more{last + 1, limit.rlim_max};
    if (!logs) spdlog::set_level(spdlog::level::off);
    setrlimit(RLIMIT_NOFILE, &one_more);
    Client starved{server.port()};  // its own socket takes the last one
    starved.send("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(get(before, "/").status(), 200);
    setrlimit(RLIMIT_NOFILE, &limit);
    spdlog::set_level(spdlog::level::info);

    EXPECT_EQ(read_reply(starved).status(), 200);
    const auto said = server.on_shard([&] { return log.take("cannot accept connections for now: Too many open files").size(); });
    EXPECT_EQ(said, logs && round == 0 ? 1U : 0U);
    Client after{server.port()};
    EXPECT_EQ(get(after, "/").status(), 200);
  }
}

// Each allocation that accepting takes fails once.
TEST(Listener, KeepsNobodyWhomItHasNoMemoryToServe) {
  auto config = patient();
  config.http.timeout = 100ms;  // closes those whom it can serve
  for (std::size_t number = 1; number <= 12; ++number) {
    SCOPED_TRACE(number);
    Server server{ok, config};
    server.on_shard([number] { return fail_allocation(number), 0; });
    Client client{server.port()};
    for (int turn = 0; turn < 3; ++turn) server.on_shard([] { return 0; });
    server.on_shard([] { return fail_allocation(0), 0; });
    EXPECT_EQ(client.read_to_end(), "");
    EXPECT_TRUE(server.all_gone());
    Client next{server.port()};
    EXPECT_EQ(get(next, "/").status(), 200);
  }
}

TEST(Listener, ClosesIdleConnectionsEvenIfThereWasNoMemoryWhenItLooked) {
  auto config = patient();
  config.http.timeout = 400ms;
  Server server{ok, config};
  Client client{server.port()};
  EXPECT_EQ(get(client, "/").status(), 200);
  server.on_shard([] { return fail_allocation(1), 0; });
  EXPECT_EQ(client.read_to_end(), "");
  server.on_shard([] { return fail_allocation(0), 0; });
}

TEST(Listener, IsNotReachableOnceStopped) {
  Server server{ok};
  Client client{server.port()};
  get(client, "/");
  server.listener().stop();
  server.on_shard([] {});
  EXPECT_EQ(get(client, "/").status(), 200);
  EXPECT_THROW(
      {
        Client late{server.port()};
        get(late, "/");
      },
      std::exception);
}

}  // namespace
}  // namespace hubbub::net::test

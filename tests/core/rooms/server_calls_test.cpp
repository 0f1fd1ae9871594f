// What plugins do for the whole server, by a clock that goes on by five milliseconds with each look at it.
#include "rooms/server_calls.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/log_lines.hpp"
#include "core/rooms/stage.hpp"
#include "plugins/calls.hpp"
#include "runtime/descriptor.hpp"
#include "runtime/io_shard.hpp"
#include "store/memory.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;

class Ticking final : public runtime::Shard {
 public:
  void post(runtime::Task task) override { shard.post(std::move(task)); }
  void at_end_of_turn(std::shared_ptr<runtime::TurnEnd> writer) override { shard.at_end_of_turn(std::move(writer)); }
  bool is_current() const override { return shard.is_current(); }
  std::string name() const override { return shard.name(); }
  std::unique_ptr<runtime::Timer> make_timer(runtime::Task task) override { return shard.make_timer(std::move(task)); }
  std::chrono::steady_clock::time_point now() const override {
    shard.pass(5ms);
    return shard.now();
  }
  std::int64_t unix_ms() const override { return shard.unix_ms(); }

  mutable ManualShard shard;
};

struct ServerCallsTest : ::testing::Test {
  ServerCallsTest() {
    stage.world.shards.push_back({ticking, stage.subscriptions.front(), stage.hub});
    calls.emplace(ticking, stage.world);
  }
  std::chrono::nanoseconds time_in(const std::string& name) const {
    for (const auto& plugin : stage.world.server_figures(stage.registry->plugins()).plugins) {
      if (plugin.name == name) return plugin.time;
    }
    return -1ns;
  }

  store::MemoryStore store{{}, 10};
  Stage stage{store, 1, configured({{"HUBBUB_PLUGINS__TICKER", R"({"every":"1s"})"}, {"HUBBUB_PLUGINS__TALLY", "{}"}})};
  Ticking ticking;
  std::optional<ServerCalls> calls;
};

TEST_F(ServerCallsTest, count_as_time_in_the_plugin_each_of_them_whether_or_not_it_fails) {
  ticking.shard.enter([&] { calls->use(stage.registry); });
  EXPECT_EQ(time_in("ticker"), 5ms);
  EXPECT_EQ(time_in("tally"), 0ns) << "which has nothing to do";
  ticking.shard.advance(1s);
  EXPECT_EQ(time_in("ticker"), 10ms);
  const LogLines log;
  ticking.shard.advance(1s);
  EXPECT_EQ(time_in("ticker"), 15ms) << "the third one fails";
  EXPECT_EQ(log.take("plugin="), std::vector<std::string>{"plugin=ticker on_server failed: three is too many"});
  ticking.shard.advance(1s);
  EXPECT_EQ(time_in("ticker"), 15ms) << "and so there is a pause";
  ticking.shard.advance(1min);
  EXPECT_EQ(time_in("ticker"), 20ms);
  ticking.shard.enter([&] { calls->use(stage.registry); });
  EXPECT_EQ(time_in("ticker"), 25ms) << "what was before the reload counts on";
  ticking.shard.enter([&] { calls->stop(); });
  ticking.shard.advance(1h);
  EXPECT_EQ(time_in("ticker"), 25ms);
}

// A plugin that hangs in on_server on a thread of its own, until the test ends. The rooms run on the test's thread.
struct HangingServerCall : ::testing::Test {
  HangingServerCall() {
    EXPECT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    outside.start();
    outside.post([this] { calls.use(stage.registry); });
    while (!hangs()) std::this_thread::yield();
  }
  ~HangingServerCall() override {
    { const runtime::Descriptor end{::open(pipe.c_str(), O_WRONLY)}; }  // the plugin waits for that
    outside.post([this] { calls.stop(); });
    outside.stop();
    outside.join();
    std::filesystem::remove(pipe);
  }
  static bool hangs() {
    return std::ranges::any_of(plugins::calls_under_way(), [](const auto& call) { return call.name == "on_server"; });
  }

  const std::filesystem::path pipe = std::filesystem::temp_directory_path() / ("hubbub-pipe-" + std::to_string(std::random_device{}()));
  store::MemoryStore store{{}, 10};
  Stage stage{store, 1, configured({{"HUBBUB_PLUGINS__DEADLY", R"({"in":"on_server","how":")" + pipe.string() + R"("})"}})};
  runtime::IoShard outside{"outside"};
  ServerCalls calls{outside, stage.world};
};

TEST_F(HangingServerCall, holds_up_no_room_nor_a_reload) {
  Actor jane{stage, "Jane"}, john{stage, "John", 0, {}, "elsewhere"};
  for (int reloads = 0; reloads < 2; ++reloads) {
    for (auto* person : {&jane, &john}) person->send("deed", Json::object());
    stage.run();
    EXPECT_EQ(jane.take("deed").size(), 1U);
    EXPECT_EQ(john.take("deed").size(), 1U);
    stage.home().enter([&] { stage.hub.use(std::make_shared<const plugins::Registry>(stage.config.plugins)); });
    stage.run();
  }
  EXPECT_EQ(stage.world.server_figures(stage.registry->plugins()).connections, 2U);
  EXPECT_TRUE(hangs());
}

}  // namespace
}  // namespace hubbub::rooms

// What plugins do for the whole server, by a clock that goes on by five milliseconds with each look at it.
#include "rooms/server_calls.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/log_lines.hpp"
#include "core/rooms/stage.hpp"
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
    stage.world.places.push_back({ticking, stage.seats.front(), stage.hub});
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
  calls->use(stage.registry);
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
  calls->use(stage.registry);
  EXPECT_EQ(time_in("ticker"), 25ms) << "what was before the reload counts on";
  calls->stop();
  ticking.shard.advance(1h);
  EXPECT_EQ(time_in("ticker"), 25ms);
}

}  // namespace
}  // namespace hubbub::rooms

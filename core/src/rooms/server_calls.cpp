#include "rooms/server_calls.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "runtime/log.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds least = 100ms;
constexpr std::chrono::milliseconds after_fault = 1min;

}  // namespace

void ServerCalls::use(std::shared_ptr<const plugins::Registry> registry) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  stop();
  registry_ = std::move(registry);
  timers_.resize(registry_->plugins().size());
  for (std::size_t i = 0; i < timers_.size(); ++i) {
    if (!registry_->plugins()[i].has_server_call()) continue;
    timers_[i] = shard_.make_timer([this, i] { call(i); });
    call(i);
  }
}

void ServerCalls::call(std::size_t plugin) {
  const auto& loaded = registry_->plugins()[plugin];
  const auto begin = shard_.now();
  const auto next = wait_after_calling(loaded);
  const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(shard_.now() - begin);
  world_.own_figures->ns[loaded.name()].add(static_cast<std::uint64_t>(took.count()));
  timers_[plugin]->arm(std::max(next, least));
}

std::chrono::milliseconds ServerCalls::wait_after_calling(const plugins::LoadedPlugin& plugin) const {
  try {
    return plugin.on_server(world_.server_figures(registry_->plugins()), shard_.unix_ms());
  } catch (const std::exception& error) {
    log::error("plugin={} on_server failed: {}", plugin.name(), error.what());
    return after_fault;
  }
}

}  // namespace hubbub::rooms

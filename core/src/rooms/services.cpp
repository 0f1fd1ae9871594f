#include "rooms/services.hpp"

#include <hubbub/plugin.hpp>
#include <hubbub/shown.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "plugins/service_instance.hpp"
#include "runtime/log.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;

constexpr auto restart_wait = 1min;
constexpr auto again = "; it is tried again in a minute";

}  // namespace

// One running service, and the server as the service sees it.
class Services::Running final : public Host, public ServerView {
 public:
  Running(Services& all, const plugins::LoadedService& loaded)
      : all_(all), loaded_(loaded), timer_(all.shard_.make_timer([this] { on_timer(); })) {
    start();
  }
  ~Running() { stop(); }

  const plugins::LoadedService& loaded() const { return loaded_; }

  std::int64_t unix_ms() const override { return all_.shard_.unix_ms(); }
  void wake_after(std::chrono::milliseconds delay) override { timer_->arm(std::max(delay, shortest_wake)); }
  void log(std::string_view text) override { log::info("plugin={} {}", loaded_.name(), escaped(text)); }

  ServerFigures figures() const override { return all_.world_.server_figures(all_.registry_->plugins()); }
  ServerRooms fullest_rooms(std::size_t most, std::size_t people) const override {
    return all_.world_.directory->fullest(most, people);
  }

 private:
  void* find_extension(std::string_view name) override {
    return name == ServerView::extension_name ? static_cast<ServerView*>(this) : nullptr;
  }

  void start() {
    try {
      object_ = loaded_.instantiate();
      object_->set_host(*this);
      const auto fault = object_->start();
      if (!fault) return;
      report("start", *fault, again);
      object_.reset();
    } catch (const std::exception& error) {  // thrown by the constructor
      report("start", error.what(), again);
    }
    timer_->arm(restart_wait);
  }

  void on_timer() {
    if (!object_) return start();
    if (const auto fault = object_->on_timer()) {
      report("on_timer", *fault, again);
      timer_->arm(restart_wait);
    }
  }

  void stop() {
    if (!object_) return;
    if (const auto fault = object_->stop()) report("stop", *fault);
  }

  void report(const char* call, std::string_view fault, const char* then = "") const {
    log::error("plugin={} {} failed: {}{}", loaded_.name(), call, escaped(fault), then);
  }

  Services& all_;
  const plugins::LoadedService loaded_;
  const std::unique_ptr<runtime::Timer> timer_;
  std::optional<plugins::ServiceInstance> object_;  // nothing after a start that failed
};

Services::Services(runtime::Shard& shard, const World& world) : shard_(shard), world_(world) {}
Services::~Services() = default;

void Services::stop() {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  services_.clear();
}

void Services::use(std::shared_ptr<const plugins::Registry> registry) {
  HUBBUB_ASSERT_OWN_THREAD(shard_);
  registry_ = std::move(registry);
  const auto all = registry_->services();
  services_.remove_if([&](const Running& running) {
    return std::ranges::none_of(all, [&](const auto& loaded) { return loaded.is_same(running.loaded()); });
  });
  for (const auto& loaded : all) {
    const auto is_running = std::ranges::any_of(services_, [&](const Running& running) { return loaded.is_same(running.loaded()); });
    if (!is_running) services_.emplace_back(*this, loaded);
  }
}

}  // namespace hubbub::rooms

#include "rooms/fold.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

namespace hubbub::rooms {

using Clock = std::chrono::steady_clock;

Entry entry_of(const store::Record& record) {
  auto json = Json::parse(record.frame.payload());
  Entry entry;
  entry.seq = record.seq;
  entry.ts = json.value("ts", std::int64_t{0});
  entry.id = json.value("id", std::string{});
  entry.nickname = json.value("nickname", std::string{});
  entry.type = json.at("type").get<std::string>();
  entry.content = std::move(json.at("content"));
  return entry;
}

Fold::Fold(const plugins::Registry& registry, RoomServices& services) : registry_(registry), services_(services) {
  rooms_.reserve(registry.plugins().size());  // for they stay where they are
  for (const auto& plugin : registry.plugins()) {
    instances_.push_back(plugin.instantiate());
    instances_.back().set_room(rooms_.emplace_back(services, instances_.size() - 1));
  }
}

template <class Call>
bool Fold::run(std::size_t plugin, const char* name, Call call) const {
  const auto began = Clock::now();
  const std::optional<plugins::Fault> fault = call();
  services_.called(plugin, name, Clock::now() - began, fault ? &*fault : nullptr);
  return !fault;
}

bool Fold::restore(const std::optional<store::Snapshot>& snapshot, std::span<const store::Record> records) {
  const auto& plugins = registry_.plugins();
  if (snapshot) {
    auto state = Json::parse(snapshot->state, nullptr, /*allow_exceptions=*/false);
    if (!state.is_object()) return false;
    for (std::size_t i = 0; i < plugins.size(); ++i) {
      const auto own = state.find(plugins[i].name());
      if (own == state.end()) continue;
      if (!run(i, "restore", [&] { return instances_[i].restore(*own); })) return false;
      state.erase(own);
    }
    absent_ = std::move(state);
  }
  for (const auto& record : records) {
    const auto plugin = std::ranges::find(plugins, record.plugin, &plugins::LoadedPlugin::name);
    if (plugin == plugins.end()) {
      behind_ = true;
      continue;
    }
    apply(static_cast<std::size_t>(plugin - plugins.begin()), entry_of(record));
  }
  return true;
}

std::optional<plugins::Fault> Fold::on_message(std::size_t plugin, const Member& sender, Message&& message,
                                               Verdict& verdict) const {
  const auto began = Clock::now();
  auto fault = instances_[plugin].on_message(sender, std::move(message), verdict);
  const bool is_the_plugins = fault && !fault->unfit;
  services_.called(plugin, "on_message", Clock::now() - began, is_the_plugins ? &*fault : nullptr);
  return fault;
}

bool Fold::apply(std::size_t plugin, const Entry& entry) {
  return run(plugin, "apply", [&] { return instances_[plugin].apply(entry); });
}

// One that is off, too: its state is what it was, and who comes in has to know it.
void Fold::greet(const Member& newcomer, Greeting& greeting) const {
  for (std::size_t i = 0; i < instances_.size(); ++i) greet(i, newcomer, greeting);
}

void Fold::greet(std::size_t plugin, const Member& member, Greeting& greeting) const {
  run(plugin, "greet", [&] { return instances_[plugin].greet(member, greeting); });
}

template <class Call>
void Fold::each(const char* name, Call call) {
  for (std::size_t i = 0; i < instances_.size(); ++i) {
    if (!services_.is_off(i)) run(i, name, [&] { return call(instances_[i]); });
  }
}

void Fold::on_open() {
  each("on_open", [](auto& plugin) { return plugin.on_open(); });
}

void Fold::on_join(const Member& member) {
  each("on_join", [&](auto& plugin) { return plugin.on_join(member); });
}

void Fold::on_leave(const Member& member) {
  each("on_leave", [&](auto& plugin) { return plugin.on_leave(member); });
}

void Fold::on_timer(std::size_t plugin) {
  if (!services_.is_off(plugin)) run(plugin, "on_timer", [&] { return instances_[plugin].on_timer(); });
}

bool Fold::renew(std::size_t plugin, std::span<const Member> members) {
  auto& instance = instances_[plugin];
  Json state;
  std::optional<plugins::Instance> made;
  const auto make = [&]() -> std::optional<plugins::Fault> {
    try {
      made = registry_.plugins()[plugin].instantiate();
      return {};
    } catch (const std::exception& error) {
      return plugins::Fault{false, error.what()};
    }
  };
  if (!run(plugin, "snapshot", [&] { return instance.snapshot(state); })) return false;
  if (!run(plugin, "its constructor", make)) return false;
  made->set_room(rooms_[plugin]);
  if (!run(plugin, "restore", [&] { return made->restore(state); })) return false;
  instance = std::move(*made);
  run(plugin, "on_open", [&] { return instance.on_open(); });
  for (const auto& member : members) run(plugin, "on_join", [&] { return instance.on_join(member); });
  return true;
}

std::optional<std::string> Fold::snapshot() const {
  if (behind_) return {};
  Json state = absent_;
  for (std::size_t i = 0; i < instances_.size(); ++i) {
    if (!run(i, "snapshot", [&] { return instances_[i].snapshot(state[registry_.plugins()[i].name()]); })) return {};
  }
  return state.dump();
}

}  // namespace hubbub::rooms

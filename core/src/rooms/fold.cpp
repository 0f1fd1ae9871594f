#include "rooms/fold.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace hubbub::rooms {

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

Fold::Fold(const plugins::Registry& registry, RoomServices& services, Figures& figures)
    : registry_(registry), services_(services), figures_(figures) {
  rooms_.reserve(registry.plugins().size());  // for they stay where they are
  for (const auto& plugin : registry.plugins()) {
    instances_.push_back(plugin.instantiate());
    instances_.back().set_room(rooms_.emplace_back(services, instances_.size() - 1));
  }
}

bool Fold::restore(const std::optional<store::Snapshot>& snapshot, std::span<const store::Record> records) {
  const auto& plugins = registry_.plugins();
  if (snapshot) {
    auto state = Json::parse(snapshot->state);
    for (std::size_t i = 0; i < plugins.size(); ++i) {
      const auto own = state.find(plugins[i].name());
      if (own == state.end()) continue;
      const auto time = timing(i);
      if (const auto fault = instances_[i].restore(*own)) {
        report(i, "restore", fault);
        return false;
      }
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
  const auto time = timing(plugin);
  auto fault = instances_[plugin].on_message(sender, std::move(message), verdict);
  if (fault && !fault->unfit) report(plugin, "on_message", fault);
  return fault;
}

bool Fold::apply(std::size_t plugin, const Entry& entry) {
  const auto time = timing(plugin);
  const auto fault = instances_[plugin].apply(entry);
  report(plugin, "apply", fault);
  return !fault;
}

void Fold::greet(const Member& newcomer, Greeting& greeting) const {
  for (std::size_t i = 0; i < instances_.size(); ++i) {
    const auto time = timing(i);
    report(i, "greet", instances_[i].greet(newcomer, greeting));
  }
}

template <class Call>
void Fold::each(const char* name, Call call) {
  for (std::size_t i = 0; i < instances_.size(); ++i) {
    const auto time = timing(i);
    report(i, name, call(instances_[i]));
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
  const auto time = timing(plugin);
  report(plugin, "on_timer", instances_[plugin].on_timer());
}

std::optional<std::string> Fold::snapshot() const {
  if (behind_) return {};
  Json state = absent_;
  for (std::size_t i = 0; i < instances_.size(); ++i) {
    const auto time = timing(i);
    if (const auto fault = instances_[i].snapshot(state[registry_.plugins()[i].name()])) {
      report(i, "snapshot", fault);
      return {};
    }
  }
  return state.dump();
}

void Fold::report(std::size_t plugin, const char* call, const std::optional<plugins::Fault>& fault) const {
  if (!fault) return;
  spdlog::error("room={} plugin={} {} failed: {}", services_.room_name(), registry_.plugins()[plugin].name(), call,
                fault->text);
}

}  // namespace hubbub::rooms
